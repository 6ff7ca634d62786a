"""Dagster's day ends as `fengqiao run` does: noted, told, measured by its hooks."""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.alert import state
from tests.alert.robots import Group
from tests.orchestration.test_dagster import python

# A day with those steps of the real one that matter here; in each round others fail.
_DAYS = """
import json, sys
import dagster as dg
from orchestration.alert.standing import last_run
from orchestration.definitions.alerts import told_when_failed, told_when_published
from orchestration.definitions.feeds import NOT_TAKEN_IN
FEED = "lake__p44_hotline_ticket"

def day(failing):
    def step(name):
        @dg.op(name=name, out=dg.Out(dg.Nothing), ins={"before": dg.In(dg.Nothing)})
        def work():
            if name == failing:
                raise RuntimeError("3306021990") from ValueError("a cell")
        return work
    @dg.op(name=FEED)
    def feed(context):
        if failing == FEED:
            context.instance.add_run_tags(context.run_id, {NOT_TAKEN_IN + "P44": "1"})
    @dg.job(hooks={told_when_published, told_when_failed}, executor_def=dg.in_process_executor)
    def small_day():
        feed()
        step("serving__pages")(step("dbt")())
    done = small_day.execute_in_process(raise_on_error=False)
    run = last_run()
    return [done.success, run.failed, run.failures, "dbt" in run.seconds]

print(json.dumps([day("dbt"), day(FEED), day("")]))
"""


def test_a_day_of_dagster_is_noted_told_and_measured(
    platform_to_dingtalk: Group, home: Path
) -> None:
    broken, without_a_feed, whole = json.loads(python(home.parent, _DAYS))
    assert broken == [False, "ValueError", [], True]
    # One feed's failure is no failed day; the pages were published.
    assert without_a_feed == [True, "", ["P44"], True]
    assert whole == [True, "", [], True]
    heads = [text.splitlines()[0] for text in platform_to_dingtalk.texts]
    assert heads == ["### 【紧急】当日计算失败", "### 【紧急】已恢复：当日计算失败"]
    assert "3306021990" not in "".join(platform_to_dingtalk.texts)
    assert "day" not in state.load().causes
    assert "fengqiao_day_failed 0.0" in (home / "ops/metrics/fengqiao.prom").read_text()
