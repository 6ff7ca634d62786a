"""A message over its channel, patiently: robots here, mail by the briefs' own SMTP."""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from random import SystemRandom

from ingestion import clock
from orchestration.alert import robots
from orchestration.alert.declared import Route
from orchestration.alert.robots import NoAnswer, NotSet
from orchestration.alert.words import plain
from orchestration.brief import smtp
from orchestration.brief.smtp import Refused

log = logging.getLogger("fengqiao.alert")
PAUSES_S = (2.0, 10.0, 30.0)
JITTER = 0.5  # a pause is between half and one and a half of itself


@dataclass(frozen=True)
class Message:
    """What is sent: title and markdown, and the digest that says which message it is."""

    title: str
    markdown: str
    digest: str


def require(route: Route) -> None:
    """Raise `NotSet` if nobody has set the channel up, `NotConfigured` if it cannot be right."""
    if route.channel != "mail":
        robots.robot(route.channel, route.address)
    elif smtp.server() is None:
        raise NotSet("no mail server is set: FENGQIAO_SMTP_HOST (docs/operations.md, Briefs)")


def hand_over(route: Route, message: Message, pauses_s: Sequence[float] = PAUSES_S) -> None:
    """Send it, and ask again where that may help. Raises what `require` raises, `Refused` or
    `Unknown`; afterwards it is taken."""
    require(route)
    server = smtp.server() if route.channel == "mail" else None
    if server is not None:
        mail = _mail(server, route, message)
        _patiently(lambda: smtp.send(server, mail, route.address), pauses_s)
        return
    to = robots.robot(route.channel, route.address)
    _patiently(lambda: robots.send(to, message.title, message.markdown), pauses_s)


def is_down(error: Refused | smtp.Unknown) -> bool:
    """Whether the other side does not answer at all, so that nothing else need be tried there."""
    if isinstance(error, smtp.Unknown):
        return isinstance(error, NoAnswer)
    cause = error.__cause__
    # smtplib's answers are OSErrors, too; they come from somebody who does answer.
    unreachable = isinstance(cause, OSError) and not isinstance(cause, smtplib.SMTPException)
    return error.again and (cause is None or unreachable)


def _patiently(once: Callable[[], None], pauses_s: Sequence[float]) -> None:
    """A robot that gave no answer is asked again: an alert twice, under the same number, does less
    harm than one that never came. Mail is not: its server keeps what it took."""
    for pause in pauses_s:
        try:
            return once()
        except Refused as error:
            if not error.again:
                raise
            told = str(error)
        except NoAnswer as error:
            told = str(error)
        wait = pause * SystemRandom().uniform(1 - JITTER, 1 + JITTER)
        log.warning("alert not taken (%s), again in %.1f s", told, wait)
        time.sleep(wait)
    return once()


def _mail(server: smtp.Server, route: Route, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, route.address, message.title
    mail["Date"] = format_datetime(clock.as_of())
    mail["Message-ID"] = f"<{message.digest}@{server.sender.rpartition('@')[2]}>"
    # Rules of mailboxes: no out-of-office answers to a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain(message.markdown))
    return mail
