"""Captures that do not come from the live web: WARC files, stored captures read again, later the Wayback Machine."""
