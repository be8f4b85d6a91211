"""How an answer gets here: connections that stay out of private networks, HTTP/1.1, and Scrapy's download handler.

What it does not do: decide what is asked or when (Scrapy and the middlewares), or read what came (`crawler.ingest`).
Why not Scrapy's own handlers: docs/decisions/0029-fetching.md.
"""
