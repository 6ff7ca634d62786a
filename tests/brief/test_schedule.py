"""Dagster makes and sends briefs: a week's on Monday, a month's when its values are final."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ingestion import places
from tests.brief.server import mailbox

_SCHEDULES = """
import json
from orchestration.definitions import defs
from orchestration.generate.release_calendar import monthly_day
found = {s.name: s.cron_schedule for s in defs.schedules}
print(json.dumps([found, monthly_day(2026)]))
"""

_JOB = """
import dagster as dg
from orchestration.definitions import defs
done = defs.resolve_job_def("briefs").execute_in_process(
    run_config={"ops": {"make_and_send": {"config": {"kind": "weekly"}}}},
    instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
print(done.success)
"""


def run(script: str, **more: str) -> str:
    import os

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, **more},
    )  # fmt: skip
    return done.stdout.strip().splitlines()[-1]


def test_schedules_follow_the_week_and_the_release_calendar(home: Path) -> None:
    found, day = json.loads(run(_SCHEDULES))
    assert found["weekly_brief"] == "30 9 * * 1"
    assert found["monthly_brief"] == f"30 9 {day} * *"
    # The slowest monthly source is due on the fifth, the slowest quarterly one on the tenth.
    assert 6 <= day <= 12


def test_the_job_sends_where_mail_is_set_and_else_only_makes(city: Path) -> None:
    made = places.docs() / "briefs"
    assert run(_JOB, FENGQIAO_SMTP_HOST="") == "True"
    assert len(list(made.glob("weekly-*.pdf"))) == 7
    with mailbox() as (box, port):
        settings = {
            "FENGQIAO_SMTP_HOST": "127.0.0.1", "FENGQIAO_SMTP_PORT": str(port),
            "FENGQIAO_SMTP_TLS": "none", "FENGQIAO_SMTP_FROM": "briefs@example.invalid",
        }  # fmt: skip
        assert run(_JOB, **settings) == "True"
        assert len(box.taken) == 8
        assert run(_JOB, **settings) == "True"
        assert len(box.taken) == 8
