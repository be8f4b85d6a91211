"""The forms by which pages of listings are asked for (`__doPostBack`), from the page that holds one until it is posted.

What it does not do: read pages or send. A form is kept in the transaction of the page that shows it, so that a killed
crawl can post it, and forgotten with the visit, for its state ages and may be large.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from storage.prepared import PreparedChange
from storage.records import Posting
from storage.schema import forms

_DROP = PreparedChange(
    delete(forms).where(forms.c.portal == bindparam("its_portal"), forms.c.address_key == bindparam("its_key"))
)


def keep_form(connection: Connection, portal: str, key: str, form: Posting, now: datetime) -> None:
    """Remembers the form of the address `key`."""
    drop_form(connection, portal, key)
    connection.execute(insert(forms).values(portal=portal, address_key=key, url=form.url, body=form.body, kept_at=now))


def drop_form(connection: Connection, portal: str, key: str) -> None:
    """Forgets the form of the address `key`, if it has one: it was posted, and its state ages."""
    _DROP.run(connection, {"its_portal": portal, "its_key": key})


def find_form(connection: Connection, portal: str, key: str, address: str) -> Posting | None:
    """The form of the address, or None where it is asked for with a GET."""
    row = connection.execute(select(forms).where(forms.c.portal == portal, forms.c.address_key == key)).one_or_none()
    return None if row is None else Posting(url=row.url, body=row.body, address=address)
