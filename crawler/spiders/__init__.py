"""Scrapy's side of the crawl: one spider class for every portal file."""

from crawler.postponed import postpone

postpone()  # here, before any of these modules imports Scrapy
