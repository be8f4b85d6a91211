"""Scrapy's side of the crawl: one spider class for every portal file."""
