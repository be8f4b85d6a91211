"""The old portal of Ninh Thuận as a living site on loopback: articles, two templates, a server, a day of editing.

It knows nothing of the product: it is a web site, and the product meets it over HTTP only.
"""

from crawler.demo.day import EDITORIAL_DAY, Act, apply_day, before_day
from crawler.demo.server import Server, serve
from crawler.demo.site import Site, load_site

__all__ = ["EDITORIAL_DAY", "Act", "Server", "Site", "apply_day", "before_day", "load_site", "serve"]
