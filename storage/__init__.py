"""The archive: evidence, versions and changes. It knows nothing of Scrapy, of HTML or of any portal.

`storage.open(place)` is the way in for Python: see `storage.holdings`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.holdings import Holdings


def open(place: str | Path) -> Holdings:
    """What the archive holds, to be asked: a folder, a database file, or the address of a PostgreSQL database.

    Raises `storage.errors.StorageError` where it is none that this version reads. Nothing is ever written to it.
    """
    from storage.holdings import Holdings  # only here: whoever needs one module of this package need not load them all

    return Holdings(place)
