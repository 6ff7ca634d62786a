"""One message to one SMTP server, and what is known afterwards: taken, refused, or nobody knows."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from ingestion import places

PASSWORD_FILE = "smtp-password"  # noqa: S105 (the name of a file)
VARIABLES = {
    "HOST": "FENGQIAO_SMTP_HOST", "PORT": "FENGQIAO_SMTP_PORT", "TLS": "FENGQIAO_SMTP_TLS",
    "USER": "FENGQIAO_SMTP_USER", "FROM": "FENGQIAO_SMTP_FROM", "CA": "FENGQIAO_SMTP_CA",
}  # fmt: skip
TIMEOUT_S = 30
PORTS = {"tls": 465, "starttls": 587, "none": 25}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Answers of 5xx are final (RFC 5321, 4.2.1); these are worth no second try.
FINAL = 500
# A line that begins with a dot gets a second one (RFC 5321, 4.5.2).
_LEADING_DOT = re.compile(rb"^\.", re.M)


class NotConfigured(RuntimeError):
    """Mail is not set up, or set up unsafely; the text says which setting."""


class Refused(RuntimeError):
    """The server has definitely not taken the message. `again`: a later try may succeed."""

    def __init__(self, text: str, *, again: bool) -> None:
        super().__init__(text)
        self.again = again


class Unknown(RuntimeError):
    """The line broke after the message was handed over: it may have been taken."""


@dataclass(frozen=True)
class Server:
    """Where mail goes: `tls` is tls, starttls or none; the password is read when it is needed."""

    host: str
    port: int
    tls: str
    user: str
    sender: str
    ca_file: str = ""

    @property
    def password_file(self) -> Path:
        """The file of the secrets that holds the password."""
        return places.secrets() / PASSWORD_FILE


def server() -> Server | None:
    """The server of the environment, None when no host is set. Raises `NotConfigured`."""
    given = {name: os.environ.get(variable, "").strip() for name, variable in VARIABLES.items()}
    if not given["HOST"]:
        return None
    tls = given["TLS"] or "starttls"
    if tls not in PORTS:
        raise NotConfigured(f"FENGQIAO_SMTP_TLS is {tls!r}: {', '.join(PORTS)}")
    if tls == "none" and given["HOST"] not in LOOPBACK:
        raise NotConfigured("FENGQIAO_SMTP_TLS=none is for a server on this machine only")
    if not given["FROM"]:
        raise NotConfigured("FENGQIAO_SMTP_FROM is missing: the address that briefs come from")
    port = given["PORT"] or str(PORTS[tls])
    if not port.isdigit():
        raise NotConfigured(f"FENGQIAO_SMTP_PORT is {port!r}, not a number")
    found = Server(given["HOST"], int(port), tls, given["USER"], given["FROM"], given["CA"])
    if found.user and not found.password_file.exists():
        raise NotConfigured(f"{found.password_file} is missing: the password of {found.user}")
    return found


def send(to: Server, message: EmailMessage, address: str) -> None:
    """Hand the message over once. Raises `Refused` or `Unknown`; afterwards it is taken."""
    handed_over = False
    try:
        with _connected(to) as line:
            _log_in(to, line)
            line.ehlo_or_helo_if_needed()
            _expect(line.mail(to.sender))
            _expect(line.rcpt(address))
            _expect(line.docmd("data"), 354)
            handed_over = True
            body = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
            line.send(_LEADING_DOT.sub(b"..", body).rstrip(b"\r\n") + b"\r\n.\r\n")
            answer = line.getreply()
            handed_over = False
            _expect(answer)
    except Refused:
        raise
    except smtplib.SMTPResponseException as error:
        raise Refused(
            _told(error.smtp_code, error.smtp_error), again=error.smtp_code < FINAL
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"certificate of {to.host}: {error.verify_message}", again=False) from error
    except (OSError, smtplib.SMTPException) as error:
        if handed_over:
            raise Unknown(f"the line broke before the answer ({type(error).__name__})") from error
        raise Refused(f"{to.host}:{to.port}: {type(error).__name__}", again=True) from error


class _Quiet(smtplib.SMTP):
    """A connection whose end never hides what happened before it."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            # After an error the other side may not be listening any more.
            if kind is None:
                self.docmd("QUIT")
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            self.close()


class _QuietTls(_Quiet, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def _connected(to: Server) -> smtplib.SMTP:
    if to.tls == "tls":
        return _QuietTls(to.host, to.port, timeout=TIMEOUT_S, context=_context(to))
    return _Quiet(to.host, to.port, timeout=TIMEOUT_S)


def _log_in(to: Server, line: smtplib.SMTP) -> None:
    if to.tls == "starttls":
        try:
            line.starttls(context=_context(to))
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"{to.host} offers no STARTTLS", again=False) from error
    if to.user:
        line.login(to.user, to.password_file.read_text("utf-8").strip())


def _context(to: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=to.ca_file or None)


def _expect(answer: tuple[int, bytes], wanted: int | None = None) -> None:
    code, text = answer
    if code == wanted or (wanted is None and code in (250, 251)):
        return
    raise Refused(_told(code, text), again=code < FINAL)


def _told(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{code} {said.splitlines()[0] if said else ''}".strip()
