"""Declared files that err are named, and nobody is told half of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import clock
from orchestration.alert.declared import BadDeclaration, routes, settings, silences, ways_to
from orchestration.alert.metrics import exposition
from tests.alert.conftest import Declare

ROUTE_HEAD = "office_code,office,channel,address\n"
SILENCE_HEAD = "what,from,until,reason,by\n"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("routes.csv", "office,address\n", "the columns must be"),
        ("routes.csv", f"{ROUTE_HEAD}platform,运维,fax,1\n", "fax is none of"),
        ("routes.csv", f"{ROUTE_HEAD}platform,运维,mail,a@b.cn;c@d.cn\n", "line 2: mail cannot"),
        ("routes.csv", f"{ROUTE_HEAD}platform,运维,dingtalk,https://x/y?t=1\n", "cannot have"),
        ("routes.csv", f"{ROUTE_HEAD}platform,,mail,a@example.invalid\n", "a cell is empty"),
        ("routes.csv", f"{ROUTE_HEAD}platform,运维,mail,a@example.invalid\n", "no way for"),
        ("silences.csv", f"{SILENCE_HEAD}feed:P99,2026-10-31,2026-11-01,因,局\n", "feed:P99"),
        ("silences.csv", f"{SILENCE_HEAD}feed:P44,soon,2026-11-01,因,局\n", "write moments"),
        ("silences.csv", f"{SILENCE_HEAD}feed:P44,2026-11-01,2026-10-31,因,局\n", "it ends before"),
        ("settings.csv", "name,value,meaning\nrepeat_hours,24,x\n", "missing or unknown"),
    ],
)
def test_what_cannot_be_right_is_named(declare: Declare, name: str, content: str, why: str) -> None:
    (declare() / name).write_text(content, "utf-8")
    with pytest.raises(BadDeclaration, match=why):
        routes(), silences(), settings()


def test_ours_can_be_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FENGQIAO_ALERTS", raising=False)
    assert silences() == []
    assert settings().repeat_hours == 24
    [way] = ways_to("E23000010", routes())
    assert way.office_code == "*"


def test_a_file_that_errs_shows_in_the_metrics(home: Path, declare: Declare) -> None:
    home.mkdir()
    (declare() / "silences.csv").write_text(f"{SILENCE_HEAD}feed:P99,2026-10-31,2026-11-01,因,局\n")
    assert b"fengqiao_alerts_unusable 1.0" in exposition(clock.as_of())
