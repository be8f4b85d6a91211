"""Backups of an archive: each a folder that is an archive itself, complete, and verified before it has its name.

    making      copies database and evidence, opens the copy and verifies it
    contents    which files belong to an archive, and how much of each
    dumping     the database as an SQLite file, also from PostgreSQL
    record      `backup.json`: what a backup is of
    restoring   a backup as an archive again, with its database in either place

What they do not do: decide when. A crawl may run while a backup is made; not while an archive is replaced.
"""
