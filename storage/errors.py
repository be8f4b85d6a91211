"""The exceptions of the archive, and the exit code each one ends a command with.

StorageError             3   full, damaged, not ours, unreadable, not to be reached
├── NotAnArchive         2   the folder or file the user named is something else
├── WrongDatabase        2   `database` in portalwatch.toml names what cannot be used
├── NewerSchema          3   made by a newer version of portalwatch
├── OlderSchema          3   made by an earlier version; `migrate` brings it up to date
└── ArchiveLocked        4   another run holds the lock
"""

from __future__ import annotations


class StorageError(Exception):
    """The archive cannot be used. `str(error)` is one line: what, where, what to do."""

    exit_code = 3


class NotAnArchive(StorageError):
    """The path holds something that is no portalwatch archive; nothing was written."""

    exit_code = 2


class WrongDatabase(StorageError):
    """The setting `database` names no database that can be used."""

    exit_code = 2


class NewerSchema(StorageError):
    """The archive was made by a newer version; it is left untouched."""


class OlderSchema(StorageError):
    """The archive was made by an earlier version, and what was asked for only reads."""


class ArchiveLocked(StorageError):
    """Another run holds the archive's lock."""

    exit_code = 4
