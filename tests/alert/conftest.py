"""A home whose alerts go to receivers of the test."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingestion import places
from orchestration.alert.declared import OURS
from orchestration.alert.standing import LastRun, note_run
from tests.alert.robots import Group, group

PLATFORM, GOVERNMENT_SERVICES = "platform", "11330600XN00000391"
Declare = Callable[..., Path]


@pytest.fixture
def receiver() -> Iterator[Group]:
    """A robots' receiver."""
    with group() as found:
        yield found


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Write the declared files: routes as (office, channel, address), silences, other settings."""
    folder = tmp_path / "declared"

    def write(*ways: tuple[str, str, str], silences: tuple[str, ...] = (), **more: str) -> Path:
        folder.mkdir(exist_ok=True)
        lines = [f"{code},某单位,{channel},{address}" for code, channel, address in ways]
        # Whoever has no way of its own: to a robot that nobody has set up.
        lines.append("*,其他,wecom,nobody")
        (folder / "routes.csv").write_text(
            "\n".join(["office_code,office,channel,address", *lines])
        )
        head = "what,from,until,reason,by"
        (folder / "silences.csv").write_text("\n".join([head, *silences]))
        ours = list(csv.reader((OURS / "settings.csv").open(encoding="utf-8")))
        with (folder / "settings.csv").open("w", newline="") as file:
            told = {"disk_least_gib": "0.001", **more}
            csv.writer(file).writerows([n, told.get(n, v), m] for n, v, m in ours)
        monkeypatch.setenv("FENGQIAO_ALERTS", str(folder))
        return folder

    return write


@pytest.fixture
def platform_to_dingtalk(home: Path, receiver: Group, declare: Declare) -> Group:
    """A home whose platform office has a DingTalk robot; gives the robot's group."""
    keep_robot(receiver, "dingtalk", "ops-room")
    declare((PLATFORM, "dingtalk", "ops-room"))
    return receiver


def keep_robot(receiver: Group, channel: str, name: str) -> None:
    """Lay the robot's secret where secrets lie."""
    places.secrets().mkdir(parents=True, exist_ok=True)
    file = places.secrets() / f"alert-{name}.json"
    file.write_text(json.dumps(receiver.robot(channel)))
    file.chmod(0o600)


def day_fails(kind: str = "DbtFailed") -> None:
    """The last run could not compute."""
    note_run(LastRun("2026-10-31T08:20:00+08:00", {"deliver": 3.0}, [], kind))


def day_passes() -> None:
    """The last run could."""
    note_run(LastRun("2026-10-31T08:50:00+08:00", {"deliver": 3.0, "dbt": 5.5}, [], ""))
