"""Texts of those who look for SQL injection."""

from __future__ import annotations

INJECTED = (
    *("'", '"', "''", "`", "\\", ";", "--", "/*", "#", "%", "_", "%%", "x' OR '1'='1", 'x" OR "1"="1', "1 OR 1=1"),
    *("' OR 1=1 --", "') OR ('1'='1", "'; DROP TABLE versions; --", "'; DELETE FROM captures; --", "1; VACUUM"),
    *("' UNION SELECT sql FROM sqlite_master --", "x' AND randomblob(9)='x", "' || (SELECT 1) || '", "1) --"),
    *("1 ORDER BY 99 --", "title ORDER BY 1", "1 LIMIT 1 OFFSET 1", "' GROUP BY 1 HAVING 1=1 --", "${PATH}", "{0}"),
    *("%s", "%(portal)s", ":portal", "?1", "\x00", "x\x00' OR 1=1 --", "char(39)", "x'41'", "ATTACH DATABASE 'x' AS y"),
    *("'; PRAGMA writable_schema = 1; --", "load_extension('x')"),
)
"""Forty strings and one, in the manner of tools that look for SQL injection."""
