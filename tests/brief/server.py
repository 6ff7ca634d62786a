"""A real SMTP server on loopback that can be told how to answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

TAKEN = "250 taken"


@dataclass
class Box:
    """Answers to give, one a message (the last for ever), and what was taken."""

    answers: list[str] = field(default_factory=lambda: [TAKEN])
    asked_n: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message, refuse it, or take it and hang up before the answer."""
        answer = self.answers[min(self.asked_n, len(self.answers) - 1)]
        self.asked_n += 1
        if answer.startswith(("250", "hang")):
            read = message_from_bytes(_bytes(envelope), policy=policy.default)
            assert isinstance(read, EmailMessage)
            self.taken.append((envelope.rcpt_tos[0], read))
        if answer.startswith("hang"):
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 nobody hears this"
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        """What that address got."""
        return [message for name, message in self.taken if name == address]


def _bytes(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode()


@contextmanager
def mailbox(
    context: ssl.SSLContext | None = None, check: Callable[[LoginPassword], bool] | None = None
) -> Iterator[tuple[Box, int]]:
    """A server, with STARTTLS (required) and a login where they are given; the box and the port."""
    box = Box()

    def authenticate(_s: SMTP, _t: Session, _e: Envelope, _m: str, data: Any) -> AuthResult:
        return AuthResult(success=bool(check and check(data)), handled=False)

    options: dict[str, Any] = {"tls_context": context, "require_starttls": True} if context else {}
    if check:
        options |= {"authenticator": authenticate, "auth_required": True}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
