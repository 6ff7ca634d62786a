"""Robots and mail: signed, patient, and telling what is known; no secret gets out."""

from __future__ import annotations

import logging
import smtplib
from pathlib import Path

import pytest

from ingestion import places
from orchestration.alert import robots
from orchestration.alert.channels import Message, hand_over
from orchestration.alert.declared import Route
from orchestration.alert.robots import NoAnswer, NotSet, signature
from orchestration.brief.smtp import NotConfigured, Refused
from tests.alert.conftest import PLATFORM, Declare, day_fails, keep_robot
from tests.alert.robots import KEY, SECRET, TOKEN, Group
from tests.alert.test_rounds import AT_ONCE, hold
from tests.brief.server import TAKEN, mailbox

DINGTALK = Route(PLATFORM, "运维", "dingtalk", "ops-room")
WECOM = Route(PLATFORM, "运维", "wecom", "ops-group")
MESSAGE = Message("【提醒】试", "### 【提醒】试\n\n- 一行", "0" * 32)
ADDRESS = "alerts@example.invalid"


@pytest.fixture(autouse=True)
def kept(home: Path, receiver: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_robot(receiver, "dingtalk", "ops-room")
    keep_robot(receiver, "wecom", "ops-group")
    # A receiver that hangs does so for longer than this.
    monkeypatch.setattr(robots, "TIMEOUT_S", 0.4)


def test_the_signature_is_the_one_that_dingtalk_documents() -> None:
    """Timestamp, line break and secret, keyed with the secret: the value is `openssl dgst`'s."""
    assert signature("this is secret", 1700000000000) == (
        "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0="
    )


def test_both_robots_take_the_message(receiver: Group) -> None:
    hand_over(DINGTALK, MESSAGE, AT_ONCE)
    hand_over(WECOM, MESSAGE, AT_ONCE)
    assert receiver.dingtalk == [
        {"msgtype": "markdown", "markdown": {"title": "【提醒】试", "text": MESSAGE.markdown}}
    ]
    assert receiver.wecom == [{"msgtype": "markdown", "markdown": {"content": MESSAGE.markdown}}]


def test_a_busy_robot_is_asked_again(receiver: Group) -> None:
    receiver.plan = ["HTTP 503", "-1", "hang"]
    hand_over(WECOM, MESSAGE, AT_ONCE)
    assert receiver.asked_n == 4
    # The one that hung was taken after all: under the same number, in the same group.
    assert {m["markdown"]["content"] for m in receiver.wecom} == {MESSAGE.markdown}


def test_an_errcode_is_a_failure_and_is_not_asked_again(receiver: Group) -> None:
    receiver.plan = ["45009"]
    with pytest.raises(Refused, match="errcode 45009") as error:
        hand_over(WECOM, MESSAGE, AT_ONCE)
    assert receiver.asked_n == 1
    assert KEY not in str(error.value)


def test_a_wrong_secret_is_told_by_the_robot(receiver: Group) -> None:
    file = places.secrets() / "alert-ops-room.json"
    file.write_text(file.read_text().replace(SECRET, "SEC-another"))
    with pytest.raises(Refused, match="errcode 310000 sign not match"):
        hand_over(DINGTALK, MESSAGE, AT_ONCE)
    assert receiver.dingtalk == []


def test_no_answer_at_all_is_unknown(receiver: Group) -> None:
    receiver.plan = ["hang"] * 4
    with pytest.raises(NoAnswer):
        hand_over(DINGTALK, MESSAGE, AT_ONCE)


def test_a_robot_that_is_not_there_is_a_failure(receiver: Group) -> None:
    file = places.secrets() / "alert-ops-room.json"
    file.write_text('{"webhook": "http://127.0.0.1:9/robot/send?access_token=x"}')
    with pytest.raises(Refused, match="ConnectError"):
        hand_over(DINGTALK, MESSAGE, AT_ONCE)


def test_a_robot_is_reached_by_https_or_not_at_all() -> None:
    (places.secrets() / "alert-ops-room.json").write_text('{"webhook": "http://example.invalid/x"}')
    with pytest.raises(NotConfigured, match="https"):
        hand_over(DINGTALK, MESSAGE, AT_ONCE)
    with pytest.raises(NotSet):
        hand_over(Route(PLATFORM, "运维", "wecom", "nobody"), MESSAGE, AT_ONCE)


def test_no_token_and_no_secret_reaches_log_or_state(
    receiver: Group, declare: Declare, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    declare((PLATFORM, "dingtalk", "ops-room"), (PLATFORM, "wecom", "ops-group"))
    receiver.plan = ["HTTP 500", "hang", "310000", "93000"]
    day_fails()
    with caplog.at_level(logging.DEBUG):
        assert hold() == {"day open": "failed"}
    told = caplog.text + "".join(p.read_text("utf-8") for p in (home / "ops").rglob("*.json"))
    for secret in (TOKEN, SECRET, KEY):
        assert secret not in told


def test_a_robot_that_is_down_is_not_waited_for_with_every_message(
    receiver: Group, declare: Declare
) -> None:
    declare(("11330600XN00000391", "dingtalk", "ops-room"), list_from="100")
    receiver.plan = ["HTTP 503"] * 99
    hold()
    assert receiver.asked_n == len(AT_ONCE) + 1


def test_mail_goes_by_the_server_of_the_briefs(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare((PLATFORM, "mail", ADDRESS))
    for name, value in (("HOST", "127.0.0.1"), ("TLS", "none"), ("FROM", "fq@example.invalid")):
        monkeypatch.setenv(f"FENGQIAO_SMTP_{name}", value)
    day_fails()
    with mailbox() as (box, port):
        monkeypatch.setenv("FENGQIAO_SMTP_PORT", str(port))
        box.answers = ["451 try later", TAKEN]
        assert hold() == {"day open": "sent"}
        assert hold() == {}
        [mail] = box.to(ADDRESS)
    assert mail["Subject"] == "【紧急】当日计算失败"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_content()
    assert "数据健康 http" in body
    assert "](" not in body


def test_a_mail_of_unknown_fate_is_not_sent_again(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare((PLATFORM, "mail", ADDRESS))
    for name, value in (("HOST", "127.0.0.1"), ("TLS", "none"), ("FROM", "fq@example.invalid")):
        monkeypatch.setenv(f"FENGQIAO_SMTP_{name}", value)
    day_fails()
    with mailbox() as (box, port):
        monkeypatch.setenv("FENGQIAO_SMTP_PORT", str(port))
        box.answers = ["hang up", TAKEN]
        assert hold() == {"day open": "unknown"}
        assert hold() == {}
        assert len(box.taken) == 1


def test_smtplibs_answers_come_from_somebody_who_answers() -> None:
    """What `is_down` rests on."""
    assert issubclass(smtplib.SMTPResponseException, OSError)
