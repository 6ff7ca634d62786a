"""A cause is told once, again after its hours, and when it is over; never twice for one reason."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion import clock, places
from ingestion.clock import parse
from orchestration.alert import state
from orchestration.alert.rounds import Outcome, hold_round
from tests.alert.conftest import PLATFORM, Declare, day_fails, day_passes, keep_robot
from tests.alert.robots import Group

NOW, LATER, NEXT_DAY = "2026-10-31T09:00", "2026-10-31T20:00", "2026-11-01T09:00"
AT_ONCE = (0.0, 0.0, 0.0)


def hold(moment: str = NOW) -> dict[str, str]:
    """A round at a moment: what became of the platform's messages, by cause and kind."""
    with clock.at(parse(moment)):
        return told(hold_round(parse(moment), AT_ONCE))


def told(outcomes: list[Outcome]) -> dict[str, str]:
    mine = [o for o in outcomes if o.office == PLATFORM]
    return {f"{','.join(o.causes)} {o.kind}": o.state for o in mine}


def test_the_same_round_twice_sends_nothing_twice(platform_to_dingtalk: Group) -> None:
    day_fails()
    assert hold() == {"day open": "sent"}
    assert hold() == hold(LATER) == {}
    [message] = platform_to_dingtalk.dingtalk
    assert message["markdown"]["title"] == "【紧急】当日计算失败"
    text = message["markdown"]["text"]
    for words in ("数据平台运维", "DbtFailed", "fengqiao run", "/superset/dashboard/health/"):
        assert words in text


def test_what_stands_is_told_again_after_its_hours(platform_to_dingtalk: Group) -> None:
    day_fails()
    hold()
    assert hold(NEXT_DAY) == {"day repeat": "sent"}
    assert hold(NEXT_DAY) == {}
    assert "仍未解决：当日计算失败" in platform_to_dingtalk.texts[1]


def test_what_is_over_is_told_once_and_may_begin_anew(platform_to_dingtalk: Group) -> None:
    day_fails()
    hold()
    day_passes()
    assert hold(LATER) == {"day close": "sent"}
    assert hold(LATER) == {}
    assert "已恢复：当日计算失败" in platform_to_dingtalk.texts[1]
    day_fails()
    assert hold(LATER) == {"day open": "sent"}


def test_what_nobody_was_told_of_needs_no_closing(platform_to_dingtalk: Group) -> None:
    platform_to_dingtalk.plan = ["310000"]
    day_fails()
    assert hold() == {"day open": "failed"}
    day_passes()
    assert hold(LATER) == {}
    assert platform_to_dingtalk.texts == []


def test_a_failed_message_goes_with_the_next_round(platform_to_dingtalk: Group) -> None:
    platform_to_dingtalk.plan = ["310000"]
    day_fails()
    assert hold() == {"day open": "failed"}
    assert hold() == {"day open": "sent"}
    assert hold(LATER) == {}
    assert len(platform_to_dingtalk.texts) == 1


def test_a_closing_that_was_not_taken_is_tried_for_a_week(platform_to_dingtalk: Group) -> None:
    day_fails()
    hold()
    day_passes()
    platform_to_dingtalk.plan = ["310000"] * 3
    assert hold(LATER) == {"day close": "failed"}
    # `release` has its own answer to a home that stands still; here nothing was ever published.
    assert hold("2026-11-08T09:00") == {"day close": "failed"}
    assert hold("2026-11-09T09:00") == {}


def test_a_cause_that_becomes_worse_is_told_at_once(
    platform_to_dingtalk: Group, declare: Declare
) -> None:
    places.home().mkdir()
    free_gib = shutil.disk_usage(places.home()).free / 2**30
    declare((PLATFORM, "dingtalk", "ops-room"), disk_least_gib=f"{free_gib + 1000:.0f}")
    assert hold() == {"disk:数据目录 open": "sent"}
    kept = state.load()
    kept.causes["disk:数据目录"].told["dingtalk|ops-room"].severity = "warning"
    state.save(kept)
    assert hold() == {"disk:数据目录 open": "sent"}


def test_a_silenced_alert_is_kept_and_counted_and_not_sent(
    platform_to_dingtalk: Group, declare: Declare
) -> None:
    day_fails()
    window = "platform,2026-10-31T08:00,2026-10-31T18:00,机房检修,数据局"
    declare((PLATFORM, "dingtalk", "ops-room"), silences=(window,))
    assert hold() == {}
    kept = state.load()
    assert kept.causes["day"].silenced == "机房检修（数据局）"
    assert state.counted(kept)["silenced"]["critical"] == 1
    # The window is over and the cause is not.
    assert hold(LATER) == {"day open": "sent"}


def test_a_closing_waits_for_the_end_of_the_silence(
    platform_to_dingtalk: Group, declare: Declare
) -> None:
    day_fails()
    hold()
    window = "platform,2026-10-31T08:00,2026-10-31T18:00,机房检修,数据局"
    declare((PLATFORM, "dingtalk", "ops-room"), silences=(window,))
    day_passes()
    assert hold("2026-10-31T10:00") == {}
    assert hold(LATER) == {"day close": "sent"}


def command(kind: str = "alerts") -> list[str]:
    return [str(Path(sys.executable).with_name("fengqiao")), kind, "--send", "--json"]


def test_a_kill_between_sending_and_noting_is_told_and_not_doubled(
    platform_to_dingtalk: Group,
) -> None:
    """The receiver has the message and kills the sender before it hears of it."""
    day_fails()
    process = subprocess.Popen(command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    platform_to_dingtalk.on_taken = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    platform_to_dingtalk.on_taken = lambda: None
    assert len(platform_to_dingtalk.texts) == 1

    again = subprocess.run(command(), capture_output=True, text=True, timeout=120)
    assert again.returncode == 1
    assert '"state": "unknown"' in again.stdout
    # Told once; afterwards it is as good as heard, until its hours are over.
    assert hold() == {}
    assert len(platform_to_dingtalk.texts) == 1
    assert hold(NEXT_DAY) == {"day repeat": "sent"}


def test_a_kill_during_the_closing_is_told_once_and_forgotten(platform_to_dingtalk: Group) -> None:
    day_fails()
    hold()
    day_passes()
    process = subprocess.Popen(command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    platform_to_dingtalk.on_taken = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=120)
    platform_to_dingtalk.on_taken = lambda: None
    assert hold(LATER) == {"day close": "unknown"}
    assert hold(LATER) == {}
    assert "day" not in state.load().causes


def test_two_rounds_at_once_are_one(platform_to_dingtalk: Group) -> None:
    day_fails()
    with state.only_round(), pytest.raises(state.RoundOn):
        hold()
    assert hold() == {"day open": "sent"}


def test_a_state_that_cannot_be_read_is_begun_anew(platform_to_dingtalk: Group) -> None:
    day_fails()
    hold()
    (state.folder() / "state.json").write_text('{"causes": ')
    assert hold() == {"day open": "sent"}
    assert hold() == {}


def test_a_new_address_hears_what_stands_and_the_old_one_is_forgotten(
    platform_to_dingtalk: Group, declare: Declare
) -> None:
    day_fails()
    hold()
    keep_robot(platform_to_dingtalk, "wecom", "new-group")
    declare((PLATFORM, "wecom", "new-group"))
    assert hold() == {"day open": "sent"}
    assert list(state.load().causes["day"].told) == ["wecom|new-group"]
    assert len(platform_to_dingtalk.wecom) == 1
