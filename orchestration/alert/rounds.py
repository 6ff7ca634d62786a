"""A round: what is new is told, what stands is told again after its hours, what is over once.

One message is one cause; an office with many new causes at once gets them as a list.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.clock import parse
from orchestration.alert import state as kept
from orchestration.alert import words
from orchestration.alert.cause import SEVERITIES
from orchestration.alert.channels import PAUSES_S, Message, hand_over, is_down, require
from orchestration.alert.declared import Route, Settings, routes, settings, silences, ways_to
from orchestration.alert.robots import NotSet
from orchestration.alert.standing import standing
from orchestration.alert.state import FAILED, SENDING, SENT, UNKNOWN, Cause, State, Told
from orchestration.brief.smtp import NotConfigured, Refused, Unknown

log = logging.getLogger("fengqiao.alert")
UNSET = "unset"
# A closing message that nobody takes is not tried for ever.
CLOSING_TRIED_DAYS = 7
# A server that puts every office off must not hold the day up: afterwards each is tried once.
MOST_PATIENCE_S = 120.0
LONGEST_LIST = 12  # lines of some 250 bytes; a message has 4000


@dataclass(frozen=True)
class Outcome:
    """What became of one message: which way, which causes, sent, failed, unknown or unset."""

    route: str
    office: str
    kind: str
    causes: tuple[str, ...]
    state: str
    why: str = ""


@dataclass(frozen=True)
class _Batch:
    route: Route
    kind: str
    causes: tuple[Cause, ...]


def hold_round(as_of: datetime, pauses_s: Sequence[float] = PAUSES_S) -> list[Outcome]:
    """Derive what stands, note it, and send what is due. The same round twice sends nothing twice.

    Raises `BadDeclaration`, and `RoundOn` while another round is on.
    """
    given, known = settings(), routes()
    with kept.only_round():
        state = kept.load()
        outcomes = [
            Outcome(way, cause.alert.office, told.kind, (cause.alert.key,), UNKNOWN, told.why)
            for cause, way, told in state.unfinished()
        ]
        state.merge(standing(as_of, given), as_of)
        _silence(state, as_of)
        kept.save(state)
        down: dict[str, str] = {}
        started = time.monotonic()
        for batch in _due(state, known, given, as_of):
            patient = pauses_s if time.monotonic() - started < MOST_PATIENCE_S else ()
            outcomes.append(_send(state, batch, given, as_of, down, patient))
        _give_up(state, known, as_of)
        state.forget()
        state.round_as_of = as_of.isoformat()
        state.outcomes = dict(Counter(o.state for o in outcomes))
        kept.save(state)
    _log(outcomes)
    return outcomes


def _log(outcomes: list[Outcome]) -> None:
    """One line a message; one for all that nobody set a channel up for."""
    for o in outcomes:
        if o.state != UNSET:
            level = logging.INFO if o.state == SENT else logging.WARNING
            told = (o.kind, ", ".join(o.causes), o.office, o.state, o.why)
            log.log(level, "%s of %s to %s: %s %s", *told)
    unset = sum(len(o.causes) for o in outcomes if o.state == UNSET)
    if unset:
        log.info("%d alerts wait for a channel to be set up (docs/operations.md)", unset)


def _silence(state: State, as_of: datetime) -> None:
    windows = silences()
    for cause in state.causes.values():
        covering = [w for w in windows if w.covers(cause.alert, as_of)]
        cause.silenced = f"{covering[0].reason}（{covering[0].by}）" if covering else ""


def _due(state: State, known: list[Route], given: Settings, as_of: datetime) -> list[_Batch]:
    """The messages that are due, office by office."""
    due: dict[tuple[str, Route, str], list[Cause]] = {}
    for cause in state.causes.values():
        if cause.silenced:
            continue
        for route in ways_to(cause.alert.office, known):
            kind = _kind(cause, cause.told.get(route.name), given, as_of)
            if kind:
                due.setdefault((cause.alert.office, route, kind), []).append(cause)
    order = {words.CLOSE: 0, words.OPEN: 1, words.REPEAT: 2}
    batches = []
    for (_, route, kind), causes in sorted(
        due.items(), key=lambda d: (d[0][0], d[0][1].name, order[d[0][2]])
    ):
        causes.sort(key=lambda c: (SEVERITIES.index(c.alert.severity), c.alert.key))
        size = LONGEST_LIST if len(causes) > given.list_from else 1
        parts = [causes[n : n + size] for n in range(0, len(causes), size)]
        batches += [_Batch(route, kind, tuple(part)) for part in parts]
    return batches


def _kind(cause: Cause, told: Told | None, given: Settings, as_of: datetime) -> str | None:
    """What a way is to be told of a cause now, if anything."""
    heard = bool(told and told.heard)
    if cause.over:
        closed = told and told.kind == words.CLOSE and told.state in (SENT, UNKNOWN)
        return words.CLOSE if heard and not closed else None
    if told is None or not heard or told.kind == words.CLOSE:
        return words.OPEN
    if SEVERITIES.index(cause.alert.severity) < SEVERITIES.index(told.severity):
        return words.OPEN  # it has become worse
    if as_of - parse(told.heard) >= timedelta(hours=given.repeat_hours):
        return words.REPEAT
    return None


def _message(batch: _Batch, given: Settings, as_of: datetime) -> Message:
    alerts = [c.alert for c in batch.causes]
    first = batch.causes[0]
    told = first.told.get(batch.route.name)
    # The same message has the same number however often it is tried.
    identity = [batch.route.name, batch.kind, told.heard if told else ""]
    identity += [f"{c.alert.key}|{c.since}" for c in batch.causes]
    digest = hashlib.sha256("\n".join(identity).encode()).hexdigest()[:32]
    link = f"{given.pages_address.rstrip('/')}/superset/dashboard/health/"
    if len(alerts) == 1:
        title = words.title(alerts[0], batch.kind)
        text = words.one(alerts[0], batch.kind, parse(first.since), as_of, digest[:8], link)
    else:
        office = alerts[0].office
        title = words.list_title(alerts, batch.kind, office)
        text = words.listed(alerts, batch.kind, office, as_of, digest[:8], link)
    return Message(title, text, digest)


def _send(
    state: State, batch: _Batch, given: Settings, as_of: datetime, down: dict[str, str],
    pauses_s: Sequence[float],
) -> Outcome:  # fmt: skip
    """One message, noted before it goes and after."""
    way = batch.route.name
    server = "mail" if batch.route.channel == "mail" else way
    message = _message(batch, given, as_of)
    before = {c.alert.key: c.told.get(way) for c in batch.causes}

    def note(said: str, why: str = "") -> Outcome:
        for cause in batch.causes:
            old = before[cause.alert.key]
            now, severity = as_of.isoformat(), cause.alert.severity
            if said == FAILED:  # they know what they knew before
                now_heard, severity = (old.heard, old.severity) if old else ("", severity)
            else:
                now_heard = now
            cause.told[way] = Told(batch.kind, said, now, severity, why, now_heard)
        kept.save(state)
        keys = tuple(c.alert.key for c in batch.causes)
        return Outcome(way, batch.causes[0].alert.office, batch.kind, keys, said, why)

    if server in down:
        return note(FAILED, f"not tried: {down[server]}")
    try:
        require(batch.route)
        note(SENDING)
        hand_over(batch.route, message, pauses_s)
    except NotSet as error:
        keys = tuple(c.alert.key for c in batch.causes)
        return Outcome(way, batch.causes[0].alert.office, batch.kind, keys, UNSET, str(error))
    except NotConfigured as error:
        return note(FAILED, str(error))
    except (Refused, Unknown) as error:
        if is_down(error):
            down[server] = str(error)
        return note(UNKNOWN if isinstance(error, Unknown) else FAILED, str(error))
    # Whatever else ends this process leaves `sending`: it may have been handed over.
    return note(SENT)


def _give_up(state: State, known: list[Route], as_of: datetime) -> None:
    """Ways that are not declared any more, and closings that were tried long enough."""
    for cause in state.causes.values():
        declared = {r.name for r in ways_to(cause.alert.office, known)}
        old = cause.over and as_of - parse(cause.over) > timedelta(days=CLOSING_TRIED_DAYS)
        for way in list(cause.told):
            if way not in declared or (old and not cause.silenced):
                del cause.told[way]
