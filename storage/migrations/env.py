"""Runs migrations inside the transaction that `storage.database` opened: all of a step or nothing.

Views are in no migration. They go before the schema changes, for a table under a view can hardly be altered, and those
of today's code are made once the schema is today's. So is what today's code makes of the versions.
"""

from __future__ import annotations

from alembic import context

from storage.derived import catch_up
from storage.schema import metadata
from storage.views import create_views, drop_views

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite changes a table by copying it
)
found = context.get_context().get_current_revision()
drop_views(connection)
context.run_migrations()
if context.get_revision_argument() == context.get_head_revision():
    create_views(connection)
    if found is not None:
        catch_up(connection, found)
