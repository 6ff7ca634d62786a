"""One message to a group robot of DingTalk (also 浙政钉, which speaks the same) or of WeCom.

The address of a robot is a secret in itself, for it holds a token: it comes from a file of the
secrets and stands in no error and no log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field

import httpx

from ingestion import clock, places
from orchestration.brief.smtp import LOOPBACK, NotConfigured, Refused, Unknown

TIMEOUT_S = 10.0
# "System busy" of both; anything else will not change by asking again at once.
BUSY_CODE = -1
# The client's own loggers would write the address, token and all, at INFO and DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class NotSet(NotConfigured):
    """Nobody has set this channel up: nothing was tried."""


class NoAnswer(Unknown):
    """The message was handed over and no answer came."""


@dataclass(frozen=True)
class Robot:
    """A robot of a group: where it is reached, and DingTalk's signing secret."""

    channel: str
    webhook: str = field(repr=False)
    secret: str = field(default="", repr=False)


def robot(channel: str, name: str) -> Robot:
    """The robot of `alert-<name>.json` in the secrets. Raises `NotSet` or `NotConfigured`."""
    file = places.secrets() / f"alert-{name}.json"
    if not file.exists():
        raise NotSet(f"{file.name} is not among the secrets (docs/operations.md, Alerts)")
    try:
        told = json.loads(file.read_text("utf-8"))
        found = Robot(channel, str(told["webhook"]), str(told.get("secret", "")))
        url = httpx.URL(found.webhook)
    except (ValueError, KeyError, AttributeError, httpx.InvalidURL) as error:
        raise NotConfigured(f"{file.name}: not a JSON object with `webhook`") from error
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        raise NotConfigured(f"{file.name}: the webhook must be https")
    return found


def signature(secret: str, timestamp_ms: int) -> str:
    """DingTalk's signature of a moment: HMAC-SHA256 of timestamp, line break and secret."""
    signed = f"{timestamp_ms}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def send(to: Robot, title: str, markdown: str) -> None:
    """Hand the message over once. Raises `Refused` or `NoAnswer`; afterwards it is taken."""
    url = httpx.URL(to.webhook)
    if to.channel == "dingtalk":
        body = {"msgtype": "markdown", "markdown": {"title": title, "text": markdown}}
        if to.secret:
            # DingTalk compares with its own clock (an hour at most): a demonstration whose data
            # stand at last October must not sign with October.
            now_ms = int(clock.instant().timestamp() * 1000)
            url = url.copy_merge_params(
                {"timestamp": str(now_ms), "sign": signature(to.secret, now_ms)}
            )
    else:
        body = {"msgtype": "markdown", "markdown": {"content": markdown}}
    try:
        # What httpx says of an error may quote the address: only its kind is told.
        answer = httpx.post(url, json=body, timeout=TIMEOUT_S, follow_redirects=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Refused(f"{to.channel}: {type(error).__name__}", again=True) from None
    except httpx.HTTPError as error:
        raise NoAnswer(f"{to.channel}: {type(error).__name__} after hand-over") from None
    _expect_taken(to, answer)


def _expect_taken(to: Robot, answer: httpx.Response) -> None:
    busy = answer.status_code >= 500 or answer.status_code == 429
    if answer.status_code != 200:
        raise Refused(f"{to.channel}: HTTP {answer.status_code}", again=busy)
    try:
        told = answer.json()
        code = int(told["errcode"])
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{to.channel}: answered without errcode", again=False) from None
    if code != 0:
        why = _without_secrets(to, str(told.get("errmsg", "")))
        raise Refused(f"{to.channel}: errcode {code} {why}".strip(), again=code == BUSY_CODE)


def _without_secrets(to: Robot, text: str) -> str:
    """The robot's own words, one short line; it may repeat what it was asked with."""
    hidden = {to.webhook, to.secret, *httpx.URL(to.webhook).params.values()} - {""}
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, "…")
    return " ".join(text.split())[:120]
