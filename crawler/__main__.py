"""`python -m crawler` is `portalwatch`."""

from crawler.cli import main

if __name__ == "__main__":  # the processes of a re-parse import this module too
    main()
