"""Telling people what changed. Reads records of the archive only; knows no page, no portal file, no Scrapy."""
