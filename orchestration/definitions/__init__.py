"""Dagster's view of the same steps: one asset per feed, checks, dbt's assets, pages.

Everything here calls the functions of `orchestration.run`; nothing is computed twice.
"""

from __future__ import annotations

import dagster as dg

from orchestration.definitions.automation import (
    daily_job,
    daily_schedule,
    inbox_sensor,
    weekly_maintenance,
    weekly_schedule,
)
from orchestration.definitions.briefs import briefs, monthly_brief, weekly_brief
from orchestration.definitions.checks import feed_checks, test_run
from orchestration.definitions.feeds import feed_assets
from orchestration.definitions.marts import marts
from orchestration.definitions.serving import page_specs, published, reference_specs

defs = dg.Definitions(
    assets=[*feed_assets(), *reference_specs(), test_run, marts, *published, *page_specs()],
    asset_checks=[feed_checks],
    jobs=[daily_job, weekly_maintenance, briefs],
    schedules=[daily_schedule, weekly_schedule, weekly_brief, monthly_brief],
    sensors=[inbox_sensor],
    executor=dg.in_process_executor,
)
