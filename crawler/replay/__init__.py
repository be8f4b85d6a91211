"""Captures that do not come from the live web: WARC files, and later the Wayback Machine and re-parsing."""
