"""A time stamping authority on loopback: real certificates, real signatures, real RFC 3161 answers.

Its DER is written by hand, so that the tests need no `openssl`; `openssl ts -verify` accepts what it answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
_SHA256 = bytes.fromhex("0609608648016503040201")  # an OBJECT IDENTIFIER, as DER writes it
_ECDSA = bytes.fromhex("06082a8648ce3d040302")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
_POLICY = bytes.fromhex("06042a030401")


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def elements(content: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of each element in the content of a sequence."""
    found = []
    while content:
        size, head = content[1], 2
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(content[2:head], "big")
        found.append((content[0], content[head : head + size]))
        content = content[head + size :]
    return found


@dataclass
class Authority:
    """An authority: its certificates, its clock, and how it behaves."""

    name: str = "Cơ quan thử"
    now: datetime = NOW
    behaviour: str = "honest"
    """`honest`, `busy` (503), `refuses` (a rejection of RFC 3161), `elsewhere` (stamps something else), `babbles`."""
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.root_key, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = self._certify(f"{self.name}: gốc", self.root_key, ca=True)
        self.certificate = self._certify(self.name, self.key, ca=False)

    def save_root(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(Encoding.PEM))
        return path

    def answer(self, query: bytes) -> bytes:
        """The `application/timestamp-reply`."""
        self.asked.append(query)
        if self.behaviour == "babbles":
            return b"<html>Welcome</html>"
        if self.behaviour == "refuses":
            return der(0x30, der(0x30, integer(2), der(0x30, der(0x0C, b"not today"))))
        ((_, request),) = elements(query)
        parts = elements(request)
        (_, imprint), digest = parts[1], elements(parts[1][1])[1][1]
        if self.behaviour == "elsewhere":
            imprint = imprint.replace(digest, hashlib.sha256(b"something else").digest())
        nonce = [der(2, content) for tag, content in parts[2:] if tag == 2]
        info = der(
            0x30,
            integer(1),
            _POLICY,
            der(0x30, imprint),
            integer(7),
            der(0x18, f"{self.now:%Y%m%d%H%M%SZ}".encode()),
            *nonce,
        )
        return der(0x30, der(0x30, integer(0)), self._sign(info))

    def _sign(self, info: bytes) -> bytes:
        """The content as CMS SignedData."""
        der_certificate = self.certificate.public_bytes(Encoding.DER)
        ess = der(0x30, der(0x30, der(0x30, der(4, hashlib.sha256(der_certificate).digest()))))
        attributes = sorted(
            [
                der(0x30, _CONTENT_TYPE, der(0x31, _TST_INFO)),
                der(0x30, _MESSAGE_DIGEST, der(0x31, der(4, hashlib.sha256(info).digest()))),
                der(0x30, _SIGNING_CERTIFICATE, der(0x31, ess)),
            ]
        )
        signature = self.key.sign(der(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
        signer = der(
            0x30,
            integer(1),
            der(0x30, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number)),
            der(0x30, _SHA256),
            der(0xA0, *attributes),
            der(0x30, _ECDSA),
            der(4, signature),
        )
        content = der(0x30, _TST_INFO, der(0xA0, der(4, info)))
        digests = der(0x31, der(0x30, _SHA256))
        signed = der(0x30, integer(3), digests, content, der(0xA0, der_certificate), der(0x31, signer))
        return der(0x30, _SIGNED_DATA, der(0xA0, signed))

    def _certify(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, f"{self.name}: gốc")]
        usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
        made = (
            x509.CertificateBuilder()
            .subject_name(names[0])
            .issuer_name(names[1])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=365))
            .not_valid_after(NOW + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        if not ca:
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return made.sign(self.root_key, hashes.SHA256())


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """The authority on a port of loopback; `url` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.behaviour == "busy":
                self.send_error(503)
                return
            answer = authority.answer(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_port}/tsr"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()
