"""Certificates are checked by default; a portal's own CA file is trusted; only the archivist switches the check off."""

from __future__ import annotations

import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from invariants import assert_invariants

import command

PAGE = """<html><body><div class="list"><a class="entry" href="/tin/1.html">Một</a></div></body></html>"""
ARTICLE = """<html><body><h1>Thông báo lịch tiếp công dân</h1><div class="body"><p>Ủy ban nhân dân tỉnh tiếp công dân
vào ngày 15 hằng tháng tại trụ sở.</p></div></body></html>"""


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = {"/": PAGE, "/tin/1.html": ARTICLE}.get(self.path)
        body = (text or "").encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def port(authority: trustme.CA) -> Iterator[int]:
    with serving(authority.issue_cert("localhost")) as port:
        yield port


@contextmanager
def serving(certificate: trustme.LeafCert) -> Iterator[int]:
    """The pages behind that certificate; the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # what the client takes is what is tested
    certificate.configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def crawl(folder: Path, port: int, fetch: str) -> command.Result:
    file = folder / "thu.toml"
    file.write_text(
        f"""
name = "Cổng thử"
start = ["https://localhost:{port}/"]
[fetch]
allow_private = true
{fetch}
[listing]
entry = {{ css = ".list a" }}
link = {{ xpath = ".", attr = "href" }}
[article]
title = {{ css = "h1" }}
body = {{ css = ".body" }}
""",
        encoding="utf-8",
    )
    result = command.run("crawl", "--portal-file", str(file), "--archive", str(folder / "archive"))
    assert_invariants(folder / "archive", None)
    return result


YESTERDAY = datetime.now(UTC) - timedelta(days=1)
LONG_AGO = YESTERDAY - timedelta(days=90)


@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param({"not_before": LONG_AGO, "not_after": YESTERDAY, "name": "localhost"}, id="016-expired"),
        pytest.param({"name": "khac.example.vn"}, id="017-of-another-name"),
    ],
)
def test_fault_016_certificate_that_does_not_hold_is_refused(
    tmp_path: Path, authority: trustme.CA, certificate: dict[str, Any]
) -> None:
    """Though its authority is trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    name = certificate.pop("name")
    with serving(authority.issue_cert(name, **certificate)) as port:
        result = crawl(tmp_path, port, 'ca_file = "ca.pem"')
        assert (result.code, "certificate refused" in result.out) == (1, True), result.out
        assert "1 new" in crawl(tmp_path, port, "verify_tls = false").out


def weak_certificate(authority: trustme.CA) -> trustme.LeafCert:
    """One with a key of 1024 bits, as servers of 2010 have it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    signer = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(signer, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return trustme.LeafCert(key.private_bytes(*pem), certificate.public_bytes(serialization.Encoding.PEM), [])


def test_old_key_is_refused_until_the_portal_file_takes_it(tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(weak_certificate(authority)) as port:
        refused = crawl(tmp_path, port, 'ca_file = "ca.pem"')
        assert (refused.code, "certificate refused" in refused.out) == (1, True), refused.out
        assert "1 new" in crawl(tmp_path, port, 'ca_file = "ca.pem"\nold_tls = true').out


def test_old_tls_still_checks_the_certificate(tmp_path: Path, authority: trustme.CA) -> None:
    with serving(authority.issue_cert("localhost")) as port:
        assert "certificate refused" in crawl(tmp_path, port, "old_tls = true").out


def test_fault_018_unknown_authority_is_refused(tmp_path: Path, port: int) -> None:
    result = crawl(tmp_path, port, "")
    assert result.code == 1
    assert "certificate refused" in result.out


def test_fault_018_authority_of_the_portal_file_is_trusted(tmp_path: Path, port: int, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    result = crawl(tmp_path, port, 'ca_file = "ca.pem"')
    assert result.code == 0, result.out + result.err
    assert "1 new" in result.out


def test_fault_016_check_can_be_switched_off_for_one_portal(tmp_path: Path, port: int) -> None:
    result = crawl(tmp_path, port, "verify_tls = false")
    assert "1 new" in result.out, result.out + result.err
    with closing(sqlite3.connect(tmp_path / "archive" / "archive.db")) as connection:
        (marked,) = connection.execute("SELECT warnings FROM versions").fetchall()
    assert "the server's certificate was not verified" in marked[0]
