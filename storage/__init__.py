"""The archive: evidence, versions and changes. It knows nothing of Scrapy, of HTML or of any portal."""
