"""Time stamps on manifests (RFC 3161): an authority's word that a manifest was there at an instant.

    manifests/000007-<portal>.json        what was sealed
    manifests/000007-<portal>.json.tsr    the authority's answer, as it came

`openssl ts -verify -data MANIFEST -in MANIFEST.tsr -CAfile CERTIFICATES` says the same as we do. What it does not do:
ask an authority (`crawler.stamping`). Each manifest names the digest of the one before it, so a
stamp on one covers all before it, stamped or not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import Connection, select

from storage.errors import StorageError
from storage.manifests import PART
from storage.schema import seals
from storage.warc import sync_folder

ENDING = ".tsr"
_GRANTED_WITH_MODS = 1  # PKIStatus of RFC 3161: what is greater is no stamp

Roots = Sequence[x509.Certificate]
"""Certificates that are trusted to say who is an authority."""


class BadStamp(ValueError):
    """Not a stamp of that content by an authority that is trusted. `str(error)` says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What an authority is asked."""

    body: bytes
    """The `application/timestamp-query`."""
    nonce: int | None
    """What its answer must repeat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What an authority said."""

    at: datetime
    """The instant that it vouches for, aware."""
    authority: str | None
    """Subject of the certificate that it signed with."""


def request_for(content: bytes) -> Request:
    """Asks for a stamp of that content. Only its digest leaves the machine."""
    request = TimestampRequestBuilder(data=content, hash_algorithm=HashAlgorithm.SHA256).build()
    return Request(body=request.as_bytes(), nonce=request.nonce)


def load_roots(path: Path) -> Roots:
    """The certificates of a PEM file. Raises `ValueError` where there are none, `OSError` where it cannot be read."""
    return x509.load_pem_x509_certificates(path.read_bytes())


def check_stamp(answer: bytes, content: bytes, roots: Roots | None, nonce: int | None = None) -> Stamp:
    """What the answer says, once it is proven to be about that content, and signed by somebody whom `roots` trust.

    Without `roots` only the content is compared. Raises `BadStamp`.
    """
    try:
        response = decode_timestamp_response(answer)
    except ValueError as error:
        raise BadStamp("no answer in the form of RFC 3161") from error
    try:
        if response.status > _GRANTED_WITH_MODS:
            raise BadStamp(f"refused: {', '.join(response.status_string) or response.status}")
        if response.tst_info.message_imprint.message != hashlib.sha256(content).digest():
            raise BadStamp("it is about something else")
        if roots is not None:
            VerifierBuilder(roots=list(roots), nonce=nonce).build().verify_message(response, content)
        return Stamp(at=response.tst_info.gen_time, authority=_signer(response))
    except VerificationError as error:
        by_nobody = str(error).startswith("Error while verifying certificates")
        raise BadStamp("signed by nobody whom ca_file trusts" if by_nobody else str(error)) from error
    except ValueError as error:
        raise error if isinstance(error, BadStamp) else BadStamp("no sound time stamp") from error


def read_unstamped(archive: Path, connection: Connection, most: int) -> list[str]:
    """The manifests that wait for a stamp, oldest first: those after the newest that has one, at most the last `most`.

    What is older needs none of its own.
    """
    waiting: list[str] = []
    newest_first = select(seals.c.manifest).order_by(seals.c.number.desc()).limit(most)
    for name in connection.execute(newest_first).scalars():
        if (archive / f"{name}{ENDING}").exists():
            break
        waiting.append(name)
    return waiting[::-1]


def keep_stamp(archive: Path, manifest: str, answer: bytes) -> None:
    """Puts the answer beside the manifest, whole or not at all. Raises `StorageError`."""
    path = archive / f"{manifest}{ENDING}"
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            file.write(answer)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; the stamp was not stored") from error


def _signer(response: TimeStampResponse) -> str | None:
    """Who signed, as its certificate says, where the answer carries it."""
    signers = {(signer.issuer, signer.serial_number) for signer in response.signed_data.signer_infos}
    certificates = [x509.load_der_x509_certificate(der) for der in response.signed_data.certificates]
    found = [one for one in certificates if (one.issuer, one.serial_number) in signers]
    return found[0].subject.rfc4514_string() if found else None
