"""Feeds: Atom and JSON Feed files of what changed, for feed readers and for web servers that show a folder.

`Feeding.write` is the job. What it does not do: serve the files, send anything, or write to the archive. A feed's files
are replaced whole, and only where something in them differs.
"""

from crawler.monitor.feeds.feeding import Feeding, Written

__all__ = ["Feeding", "Written"]
