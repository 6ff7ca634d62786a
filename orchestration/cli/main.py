"""The commands. Heavy imports stay inside them, so that `--help` answers at once."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output, past
from orchestration.cli.alert import alerts, metrics
from orchestration.cli.audit import audit
from orchestration.cli.backup import backup, restore
from orchestration.cli.begin import init
from orchestration.cli.brief import brief
from orchestration.cli.docs import docs
from orchestration.cli.feeds import Json, feed, quarantine
from orchestration.cli.index import index
from orchestration.cli.pages import dashboards
from orchestration.cli.worker import worker

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="fengqiao: the data lakehouse of a city's governance programme. "
    "Codes carry their kind: feed:P44, indicator:D09.",
)
app.add_typer(feed, name="feed")
app.add_typer(quarantine, name="quarantine")
app.add_typer(dashboards, name="dashboards")
app.add_typer(docs, name="docs")
app.add_typer(audit, name="audit")
app.command()(init)
app.command()(index)
app.command()(brief)
app.command()(past.sql)
app.command()(past.snapshot)
app.command()(past.releases)
app.command()(backup)
app.command()(restore)
app.command()(alerts)
app.command()(metrics)
app.command()(worker)


def configure_logging() -> None:
    """What happened, to a file of the home; warnings also to the terminal."""
    from ingestion import places

    folder = places.ops() / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        to_file = logging.FileHandler(folder / "fengqiao.log", encoding="utf-8")
    except OSError as error:  # a command that only reads still answers
        output.complain(f"no log is written: {error}")
        return
    to_file.setFormatter(output.OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("fengqiao")
    ours.setLevel(logging.INFO)
    ours.addHandler(to_file)


@app.command()
def simulate(
    seed: int = 20261031,
    scale: Annotated[float, typer.Option(help="1 is one city, 12 a province")] = 1.0,
    dirt: Annotated[float, typer.Option(help="share of rows with a planted defect")] = 0.002,
    years: Annotated[int, typer.Option(min=1, help="years of history before the last month")] = 1,
    scenario: Annotated[
        str, typer.Option(help="as-published, or crisis: planted incidents with known answers")
    ] = "as-published",
    out: Annotated[Path | None, typer.Option(help="default: the agencies' folder")] = None,
) -> None:
    """Write the synthetic city's deliveries into the agencies' folder."""
    from simulation.city import build

    try:
        place = build(
            seed=seed,
            scale=scale,
            dirt_share=dirt,
            start=f"{2026 - years}-10-01",
            scenario=scenario,
            out=out,
        )
    except ValueError as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error
    typer.echo(str(place))


@app.command()
def run(
    feeds: Annotated[list[str] | None, typer.Argument(help="feed:P44 …; all when left out")] = None,
    as_json: Json = False,
) -> None:
    """The day's job: deliver, check, compute, judge, publish."""
    from ingestion.keys import Unsafe
    from ingestion.lock import Busy
    from orchestration.cli.feeds import contract_of
    from orchestration.run.day import DayFailed, run_day
    from orchestration.service.demonstration import settle_if_demonstration

    settle_if_demonstration()
    codes = {contract_of(f).code for f in feeds} if feeds else None
    try:
        day = run_day(codes, progress=output.progress)
    except (Busy, Unsafe, OSError) as unable:  # the home cannot even be locked
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    except DayFailed as failed:
        output.complain(f"{failed}\nyesterday's pages are still served")
        raise typer.Exit(output.FAILED) from failed
    if as_json:
        output.rows([{"release": day.release_id, "skipped": day.skipped, **day.seconds}], True)
    else:
        for receipt in day.intake.receipts:
            typer.echo(receipt.words())
        steps = ", ".join(f"{k} {v:.1f} s" for k, v in day.seconds.items())
        typer.echo(f"{'nothing new' if day.skipped else 'published'}: {day.release_id} ({steps})")
        for line in day.checks_failed:
            typer.echo(f"check failed: {line}")
    for code, why in day.intake.failures.items():
        output.complain(f"feed:{code}: {why}")
    if day.intake.failures:
        raise typer.Exit(output.FAILED)


@app.command()
def status(as_json: Json = False) -> None:
    """What is published, what is late, what waits, what failed."""
    from orchestration.run.overview import overview

    found = overview()
    output.tables({"state": [found.head], "feeds": found.feeds}, as_json)


@app.command()
def erase(as_json: Json = False) -> None:
    """Delete the rows whose days of retention are over, and prove that they are gone.

    The weekly maintenance does the same. Exit 1 if a file still holds such a row.
    """
    from ingestion import clock
    from ingestion.lock import Busy, run_lock
    from orchestration.run.retention import NotErased, erase_all

    try:
        with run_lock():
            gone = erase_all(clock.as_of())
    except Busy as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    except NotErased as failed:
        output.complain(str(failed))
        raise typer.Exit(output.FAILED) from failed
    shown = [
        {
            "table": g.table,
            "before": g.cutoff.date().isoformat(),
            "rows": g.rows_n,
            "markers": g.markers_n,
            "files": g.files_deleted_n,
            "left": g.rows_left_n,
        }
        for g in gone
    ]
    output.rows(shown, as_json, "erased")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Whether this machine and this home can work; exit 3 if not."""
    from orchestration.run.doctor import examine

    found = examine()
    output.rows([{"check": c.name, "ok": c.ok, "what": c.text} for c in found], as_json, "doctor")
    if not all(c.ok for c in found):
        raise typer.Exit(output.UNABLE)


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="indicator:D09")],
    unit: Annotated[
        str | None,
        typer.Option(help="the city, a district, a town, an organisation, a feed; or its name"),
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="2026-08 or 2026-10-30; the latest when left out")
    ] = None,
    rows: Annotated[int, typer.Option(help="rows behind the number to show")] = 20,
    as_json: Json = False,
) -> None:
    """Why a number is what it is: formula, counts, light, feeds, and the rows behind it."""
    from ingestion.city import city
    from orchestration.explain import NotFound, render
    from orchestration.explain import explain as look

    kind, _, code = indicator.rpartition(":")
    if kind not in ("", "indicator"):
        output.complain(f"{indicator} is not an indicator; `fengqiao feed show` takes feeds")
        raise typer.Exit(output.MISUSED)
    try:
        found = look(code, unit=unit, period=period, rows_limit=rows)
        past.note_explained(code, unit or city().code, period, len(found.rows))
    except (NotFound, FileNotFoundError) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    if as_json:
        from dataclasses import asdict

        output.rows([asdict(found)], True)
    else:
        from rich.console import Console

        Console().print(render(found))


@app.command()
def generate(
    check: Annotated[bool, typer.Option("--check", help="write nothing; exit 1 on drift")] = False,
) -> None:
    """Rebuild what follows from contracts and registry: staging, dictionary, release calendar."""
    from ingestion.generate.write import drift, write
    from orchestration.generate import release_calendar

    pages = release_calendar.files()
    changed = drift(pages) if check else write(pages)
    for name in changed:
        typer.echo(name)
    if check and changed:
        output.complain("generated files are stale: run `fengqiao generate`")
        raise typer.Exit(output.FAILED)


@app.command()
def up() -> None:
    """Bring up the demonstration: city, pipeline, Superset, Dagster. Redoes nothing.

    In the directory of a city of its own: Superset with its pages, and Dagster.
    """
    from dashboards.server.control import SupersetError
    from ingestion.city import city
    from ingestion.lock import Busy
    from orchestration.run.day import DayFailed
    from orchestration.service import demonstration
    from orchestration.service.processes import ServiceError

    try:
        found = demonstration.up(output.progress)
    except (demonstration.NotReady, ServiceError, SupersetError, Busy, DayFailed) as error:
        output.complain(f"fengqiao up: {error}")
        raise typer.Exit(output.UNABLE) from error
    here = city()
    kind = f" (demonstration data, synthetic: {here.data_note})" if here.is_synthetic else ""
    typer.echo(f"release  {found.release_id}{kind}")
    typer.echo(f"Superset {found.superset}")
    typer.echo(f"Dagster  {found.dagster}")
    typer.echo(f"logins   {found.logins}")


@app.command()
def down() -> None:
    """Stop what `up` started."""
    from orchestration.service import demonstration

    stopped = demonstration.down()
    typer.echo(f"stopped: {', '.join(stopped) or 'nothing was running'}")


def main() -> None:
    """Entry point of the console script."""
    # Libraries warn each other of their future; the user cannot mend that.
    warnings.simplefilter("ignore")
    from ingestion.city import city

    try:
        city()
        # `init` works for a directory that is not there yet, and leaves no home in this one.
        if sys.argv[1:2] != ["init"]:
            configure_logging()
        app()
    except ValueError as error:
        from ingestion.city import CityError
        from ingestion.contract import ContractError

        # A declaration of the city's own that cannot be used: one line, as for any wrong file.
        if not isinstance(error, CityError | ContractError):
            raise
        output.complain(str(error))
        raise SystemExit(output.UNABLE) from error
