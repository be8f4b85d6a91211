"""`python -m crawler` is `portalwatch`."""

from crawler.cli import main

main()
