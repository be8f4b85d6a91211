"""A real mail server on loopback (aiosmtpd) that keeps what it takes, and fails in the ways that servers fail."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Deed = Callable[[Any], Any]


@dataclass
class MailSink:
    """Use in a `with` statement. What is set between two letters holds from the next one on."""

    answers: dict[str, str] = field(default_factory=dict)
    """`MAIL`, `RCPT` or `DATA` → what is answered instead of yes. What is refused is not kept."""
    stalls_at: str | None = None
    """Says nothing more after this command."""
    hangs_up_after_data: bool = False
    """Takes the letter and closes the connection before it says so."""
    password: str | None = None
    """What a client may log in with; None offers no login."""
    tls: ssl.SSLContext | None = None
    """Offers STARTTLS."""
    port: int = 0
    """Where it listens; a free port unless one is given."""
    raw: list[bytes] = field(default_factory=list)
    """The letters as they came."""
    recipients: list[list[str]] = field(default_factory=list)
    """Whom each was for."""
    _sessions: list[SMTP] = field(default_factory=list)

    def __enter__(self) -> MailSink:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._session, "127.0.0.1", self.port))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def letters(self) -> list[EmailMessage]:
        """The letters, read."""
        found = [email.message_from_bytes(raw, policy=default) for raw in self.raw]
        assert all(isinstance(letter, EmailMessage) for letter in found)
        return found  # type: ignore[return-value]

    def ids(self) -> list[str]:
        """The Message-IDs, in order."""
        return [letter["Message-ID"] for letter in self.letters]

    def text(self, number: int = -1) -> str:
        """The plain text of a letter."""
        body = self.letters[number].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def _session(self) -> SMTP:
        session = SMTP(
            self,
            loop=self._loop,
            hostname="sink",
            tls_context=self.tls,
            authenticator=self._login,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN", "PLAIN"] if self.password is None else [],
        )
        self._sessions.append(session)
        return session

    def _login(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password.decode() == self.password, handled=False)

    async def handle_MAIL(  # noqa: N802 - the names aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._maybe_stall("MAIL")
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._maybe_stall("RCPT")
        answer = self.answers.get(f"RCPT {address}") or self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._maybe_stall("DATA")
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            self.recipients.append(envelope.rcpt_tos)
        if self.hangs_up_after_data and server.transport is not None:
            server.transport.abort()
        return answer

    async def _maybe_stall(self, command: str) -> None:
        if self.stalls_at == command:
            await asyncio.sleep(600)

    async def _shut(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        await asyncio.sleep(0.01)


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
