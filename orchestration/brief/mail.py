"""Briefs to their recipients: each its own rows, each once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from ingestion import clock
from ingestion.access import Access, NotLogged, provide
from orchestration.brief import sent
from orchestration.brief.make import Brief, make
from orchestration.brief.recipients import Recipient, recipients
from orchestration.brief.smtp import NotConfigured, Refused, Server, Unknown, send, server

log = logging.getLogger("fengqiao.brief")
# A greylisting server wants to be asked again after a minute or two.
PAUSES_S = (5.0, 30.0, 120.0)
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True)
class Outcome:
    """What became of one recipient's brief: sent, already (before), unknown or failed, and why."""

    recipient: Recipient
    state: str
    text: str = ""

    @property
    def failed(self) -> bool:
        """Whether somebody must look at it."""
        return self.state in ("failed", "unknown")


def mail(
    kind: str,
    label: str | None = None,
    *,
    unit: str | None = None,
    out: Path | None = None,
    pauses_s: Sequence[float] = PAUSES_S,
    say: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Make the brief of each recipient's unit and send it; `unit` leaves only that unit's.

    Raises `NotConfigured` without a server, and what `make` and `recipients` raise. What one
    recipient's server refuses is that recipient's outcome; the others get theirs.
    """
    to = server()
    if to is None:
        raise NotConfigured(
            "no mail server is set: FENGQIAO_SMTP_HOST (docs/operations.md, Briefs)"
        )
    wanted = [r for r in recipients() if kind in r.briefs and unit in (None, r.unit)]
    made: dict[str, Brief] = {}
    outcomes = []
    for recipient in wanted:
        if recipient.unit not in made:
            made[recipient.unit] = make(kind, recipient.unit, label, out)
        say(f"{recipient.office} ({recipient.unit})")
        outcome = _send_once(to, made[recipient.unit], recipient, pauses_s)
        log.info("brief %s %s to %s: %s %s", kind, recipient.unit, recipient.office,
                 outcome.state, outcome.text)  # fmt: skip
        outcomes.append(outcome)
    return outcomes


def _send_once(
    to: Server, brief: Brief, recipient: Recipient, pauses_s: Sequence[float]
) -> Outcome:
    key = sent.Key(brief.kind, brief.unit, brief.period.label, brief.release_id, recipient.address)
    message = _message(to, brief, recipient, key)
    if not sent.claim(key):
        if sent.state(key) == sent.SENT:
            return Outcome(recipient, "already", "sent before")
        told = f"handed over before, no answer known: {sent.place(key).name}"
        return Outcome(recipient, "unknown", told)
    try:
        _note(key, brief)
    except NotLogged:
        sent.give_back(key)
        raise
    try:
        _with_retries(to, message, recipient.address, pauses_s)
    except Unknown as error:
        return Outcome(recipient, "unknown", str(error))
    except Refused as error:
        sent.give_back(key)
        return Outcome(recipient, "failed", str(error))
    # Whatever else ends this process leaves the claim: it may have been handed over.
    sent.note_sent(key, clock.as_of().isoformat())
    return Outcome(recipient, "sent")


def _with_retries(
    to: Server, message: EmailMessage, address: str, pauses_s: Sequence[float]
) -> None:
    for pause in pauses_s:
        try:
            return send(to, message, address)
        except Refused as error:
            if not error.again:
                raise
            log.warning("brief not taken (%s), again in %.0f s", error, pause)
            time.sleep(pause)
    return send(to, message, address)


def _note(key: sent.Key, brief: Brief) -> None:
    """That the city's data left, and to which office's address (网络数据安全管理条例 第12条)."""
    details = {**vars(key), "state": brief.period.state}
    provide(Access("brief", ("pages.duckdb",), purpose="简报寄送", details=details))


def _message(to: Server, brief: Brief, recipient: Recipient, key: sent.Key) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = to.sender, recipient.address
    message["Subject"] = f"【{brief.period.state}】{brief.title} {brief.place} {brief.period.text}"
    message["Date"] = format_datetime(clock.as_of())
    # The same brief has the same id, so that a mailbox can see a repetition too.
    message["Message-ID"] = f"<{key.digest}@{to.sender.rpartition('@')[2]}>"
    lines = [
        f"{recipient.office}：",
        "",
        f"{brief.title}（{brief.place}，{brief.period.text}，{brief.period.state}）见附件。",
        "",
    ]
    message.set_content("\n".join([*lines, *(f"- {p}" for p in brief.points), ""]))
    message.add_attachment(
        brief.pdf.read_bytes(), maintype="application", subtype="pdf", filename=brief.pdf.name
    )
    message.add_attachment(
        brief.xlsx.read_bytes(), maintype=XLSX[0], subtype=XLSX[1], filename=brief.xlsx.name
    )
    return message
