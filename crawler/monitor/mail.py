"""Letters by e-mail: `mailtos://USER:${PASSWORD}@HOST:587?from=…&to=…`, or `mailto://` without encryption.

With the standard library rather than Apprise, because a letter that is sent twice must bear the same Message-ID. What
it does not do: send a password over a connection that is not encrypted, or try again (`crawler.monitor.delivery`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from html import escape

from crawler.errors import DeliveryError, UsageError
from crawler.i18n import Messages
from crawler.monitor.channel_address import ChannelAddress
from crawler.monitor.contents import Contents, Limit, fit, subject_of, test_line
from crawler.monitor.deadline import within
from crawler.monitor.report import html_report, text_report
from crawler.monitor.sentences import clean
from storage.records import VIETNAM, Change

_MAILBOX = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9.-]+")
_PARAMETERS = ("from", "name", "to")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_IMPLICIT_TLS = 465
_LONGEST_REASON = 200
_PATIENT_TRIES = 2
"""Tries in which a recipient whom the server refuses for the moment (greylisting, a full mailbox) keeps all waiting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailChannel:
    """A mail server, and whom it is to bring the letters."""

    host: str
    """The server."""
    port: int
    """Its port: 465 speaks TLS from the start, any other after STARTTLS."""
    encrypted: bool
    """True for `mailtos`: without TLS nothing is sent."""
    user: str | None
    """Name to log in with; None for none."""
    password: str | None
    """Its password."""
    sender: str
    """Address that the letters come from."""
    sender_name: str
    """Its name."""
    recipients: tuple[str, ...]
    """Addresses that they go to, all in one letter."""
    timeout_s: float
    """Seconds for one letter."""

    limit = Limit(size=400_000, items=300)
    """Characters of text and HTML, before they are encoded: servers take 10 MB and more, readers do not."""

    def cost(self, change: Change, messages: Messages) -> int:
        """Unused: a mail is never spread over several."""
        return 0

    def send(self, contents: Contents, messages: Messages) -> str | None:
        """Hands the letter to the server; a line where it did not take it for everybody. Raises `DeliveryError`."""
        letter = self.compose(contents, messages)
        patient = contents.tries < _PATIENT_TRIES and not contents.is_test
        return within(self.timeout_s, lambda: _explained(lambda: self._hand_over(letter, patient=patient)))

    def compose(self, contents: Contents, messages: Messages) -> EmailMessage:
        """The letter: plain text and HTML. Whatever a page says is on one line of a header, or in the body."""

        def lay_out(told: Sequence[Change], left_out: Sequence[Change]) -> tuple[tuple[str, str], int]:
            coverage, names, notices = contents.coverage, contents.names, contents.notices
            text = text_report(told, coverage, messages, names=names, left_out=left_out, notices=notices)
            html = html_report(told, coverage, messages, names=names, left_out=left_out, notices=notices)
            return (text, html), len(text) + len(html)

        text, html = _test(contents, messages) if contents.is_test else fit(contents, self.limit, lay_out)
        letter = EmailMessage(policy=SMTP_POLICY)
        letter.set_raw("Subject", _encoded("Subject", clean(subject_of(contents, messages))))
        letter.set_raw("From", self._from())
        letter["To"] = [Address(addr_spec=recipient) for recipient in self.recipients]
        letter["Date"] = format_datetime(contents.composed_at.astimezone(VIETNAM))
        letter["Message-ID"] = f"<{contents.message_id}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text, cte="base64")
        letter.add_alternative(html, subtype="html", cte="base64")
        letter.set_boundary(f"portalwatch-{contents.message_id}")  # a second copy is the first one, byte for byte
        return letter

    def _from(self) -> str:
        if self.sender_name.isascii():
            return str(Address(self.sender_name, addr_spec=self.sender))
        return f"{_encoded('From', self.sender_name)}\n <{self.sender}>"

    def _hand_over(self, letter: EmailMessage, *, patient: bool) -> str | None:
        with self._connect() as server:
            server.patient = patient
            if self.encrypted and self.port != _IMPLICIT_TLS:
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password or "")
            refused = server.send_message(letter, self.sender, list(self.recipients))
            with suppress(smtplib.SMTPException, OSError):  # it has said yes; how it says good-bye does not matter
                server.quit()
        return f"{len(refused)} of {len(self.recipients)} recipients were refused" if refused else None

    def _connect(self) -> _Server:
        name = self.sender.rpartition("@")[2]  # said in EHLO; the machine's own name would be looked up in the DNS
        if self.encrypted and self.port == _IMPLICIT_TLS:
            context = ssl.create_default_context()
            return _TlsServer(self.host, self.port, local_hostname=name, timeout=self.timeout_s, context=context)
        return _Server(self.host, self.port, local_hostname=name, timeout=self.timeout_s)


def _encoded(header: str, text: str) -> str:
    """A text of one line as a header holds it, folded (RFC 2047).

    Not left to `EmailMessage`, which loses a blank or adds one where it folds a text with letters beyond ASCII.
    """
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name=header).encode()


def _test(contents: Contents, messages: Messages) -> tuple[str, str]:
    """Text and HTML of a test letter."""
    line = test_line(contents, messages)
    return f"{line}\n", f'<!DOCTYPE html>\n<html lang="{messages.language}">\n<p>{escape(line)}</p>\n</html>\n'


class _Server(smtplib.SMTP):
    """A connection that is closed at the end without a further word: `SMTP` would wait for an answer to QUIT."""

    patient = False
    """True: nobody is sent the letter where somebody may not have it just now, or that one would never get it."""

    def __exit__(self, *_: object) -> None:
        self.close()

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        code, said = super().rcpt(recip, options)
        if self.patient and 400 <= code < 500:
            raise smtplib.SMTPRecipientsRefused({recip: (code, said)})
        return code, said


class _TlsServer(_Server, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


def open_mail(address: ChannelAddress, where: str, *, timeout_s: float) -> MailChannel:
    """The channel of a `mailto(s)` address. Raises `UsageError` where something is missing or unsafe."""
    address.check(where, _PARAMETERS)
    encrypted = address.scheme == "mailtos"
    if address.password and not encrypted and address.host not in _LOOPBACK:
        raise UsageError(f"{where}: would send the password unencrypted; write mailtos://")
    if not (address.user or "").isascii() or not (address.password or "").isascii():
        raise UsageError(f"{where}: user and password must be ASCII for SMTP; choose others")
    user = address.user or ""
    sender = address.one("from") or (user if "@" in user else "")
    recipients = tuple(dict.fromkeys(part.strip() for part in (address.one("to") or "").split(",") if part.strip()))
    if not recipients:
        raise UsageError(f"{where}: says not whom to write to; add ?to=tin@example.vn")
    for mailbox, name in [(sender, "from"), *((recipient, "to") for recipient in recipients)]:
        if not _MAILBOX.fullmatch(mailbox) or not mailbox.isascii():
            raise UsageError(f"{where}: {name} is no mail address; write {name}=tin@example.vn")
    return MailChannel(
        host=address.host,
        port=address.port or (587 if encrypted else 25),
        encrypted=encrypted,
        user=address.user,
        password=address.password,
        sender=sender,
        sender_name=clean(address.one("name") or "portalwatch"),
        recipients=recipients,
        timeout_s=timeout_s,
    )


def _explained(act: Callable[[], str | None]) -> str | None:
    """What `act` gives; what a mail server can do instead as a `DeliveryError` of one line."""
    try:
        return act()
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError("the server offers no STARTTLS or no login; nothing was sent in the clear") from error
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"the server refuses the login ({_answer(error.smtp_code, error.smtp_error)})") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise DeliveryError(f"the server refuses the recipients ({_answer(code, said)})") from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the server answers {_answer(error.smtp_code, error.smtp_error)}") from error
    except smtplib.SMTPServerDisconnected as error:
        if isinstance(error.__context__, TimeoutError):  # smtplib says the same of a server that says nothing
            raise DeliveryError("the server does not answer in time", down=True) from error
        raise DeliveryError("the server closed the connection") from error
    except smtplib.SMTPException as error:
        raise DeliveryError(f"the server does not speak SMTP as it should ({type(error).__name__})") from error
    except ssl.SSLError as error:
        raise DeliveryError(
            f"no encrypted connection ({clean(error.reason or str(error))[:_LONGEST_REASON]})"
        ) from error
    except TimeoutError as error:
        raise DeliveryError("the server does not answer in time", down=True) from error
    except OSError as error:
        raise DeliveryError(
            f"no connection ({error.strerror or type(error).__name__})", down=True, again=True
        ) from error


def _answer(code: int, said: bytes | str) -> str:
    """A server's answer on one line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {clean(text)}"[:_LONGEST_REASON]
