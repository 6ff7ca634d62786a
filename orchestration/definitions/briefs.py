"""When briefs are made and sent: a week's on Monday morning, a month's when it is final."""

import dagster as dg

from ingestion import clock
from orchestration.generate.release_calendar import monthly_day

# After the day's run of 08:15, which must be through by then.
_AFTER_THE_RUN = "30 9"


class BriefConfig(dg.Config):
    """Which brief; `send` False only makes it."""

    kind: str = "weekly"
    send: bool = True


@dg.op
def make_and_send(context: dg.OpExecutionContext, config: BriefConfig) -> None:
    """The brief of every recipient's unit, sent where a mail server is set, else only made.

    Fails when a recipient did not get it: what was sent is not sent again by a second run.
    """
    from orchestration.brief import make
    from orchestration.brief.mail import mail
    from orchestration.brief.recipients import recipients
    from orchestration.brief.smtp import server

    if not config.send or server() is None:
        for unit in sorted({r.unit for r in recipients() if config.kind in r.briefs}):
            context.log.info(f"{make(config.kind, unit).pdf.name} made, not sent")
        return
    outcomes = mail(config.kind, say=context.log.info)
    for outcome in outcomes:
        context.log.info(f"{outcome.recipient.office}: {outcome.state} {outcome.text}")
    missing = [o.recipient.office for o in outcomes if o.failed]
    if missing:
        raise dg.Failure(f"not sent to {', '.join(missing)}")


@dg.job(executor_def=dg.in_process_executor, description="briefs: made, and sent where mail is set")
def briefs() -> None:
    make_and_send()


def _run_config(kind: str) -> dict[str, object]:
    return {"ops": {"make_and_send": {"config": {"kind": kind}}}}


weekly_brief = dg.ScheduleDefinition(
    name="weekly_brief",
    job=briefs,
    cron_schedule=f"{_AFTER_THE_RUN} * * 1",
    run_config=_run_config("weekly"),
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Monday morning: the week that ended yesterday",
)

monthly_brief = dg.ScheduleDefinition(
    name="monthly_brief",
    job=briefs,
    cron_schedule=f"{_AFTER_THE_RUN} {monthly_day(clock.as_of().year)} * *",
    run_config=_run_config("monthly"),
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="When the month before is final by the release calendar (docs/release-calendar.md)",
)
