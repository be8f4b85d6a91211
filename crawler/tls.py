"""TLS for a portal whose server is not as it should be: `[fetch] verify_tls`, `ca_file` and `old_tls` of its file.

`old_tls` is a lower level of OpenSSL, SSL_CTX_set_security_level(3), where Debian's default of 2 refuses such servers.

Scrapy itself takes any certificate (FAULTS finding 5). Many portals send an incomplete chain. The file adds its
certificates to the system's; host names are checked as ever. What it does not do: say in the archive that a
certificate was not checked (every version does).
"""

from __future__ import annotations

import ssl
from pathlib import Path

_CIPHERS = "DEFAULT"
"""For OpenSSL: all that it takes for safe. Python's own list is shorter and shuts portals of 2012 out."""

_OLD = "DEFAULT:@SECLEVEL=1"
"""Level 1 instead of 2: also keys of 1024 bits and what else was usual until 2013. Certificates are checked as ever."""


def make_context(*, verify: bool = True, ca_file: Path | None = None, old_tls: bool = False) -> ssl.SSLContext:
    """What a connection must prove: by default a certificate for its host that the system trusts.

    Where certificates are not checked, `ca_file` and `old_tls` say nothing.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
        if ca_file is not None:
            context.load_verify_locations(str(ca_file))
    context.set_ciphers(_OLD if old_tls and verify else _CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    return context
