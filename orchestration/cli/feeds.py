"""`fengqiao feed …` and `fengqiao quarantine …`: what an agency sent, what was refused, why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ingestion import clock
from ingestion.contract import ContractError, load, load_all
from ingestion.contract.model import Contract
from orchestration.cli import output

feed = typer.Typer(no_args_is_help=True, help="Feeds: list, show, check a file, replay a delivery.")
quarantine = typer.Typer(no_args_is_help=True, help="What was refused, where and why.")
Json = Annotated[bool, typer.Option("--json", help="for programs")]


def contract_of(code: str) -> Contract:
    """The contract of a code, or exit 2 with a hint."""
    try:
        return load(code)
    except ContractError as error:
        hint = " (`fengqiao explain` takes indicators)" if code.startswith("indicator:") else ""
        output.complain(f"{error}{hint}")
        raise typer.Exit(output.MISUSED) from error


@feed.command("list")
def feed_list(as_json: Json = False) -> None:
    """Every contracted feed with its last receipt."""
    from ingestion.lake.logs import read_log

    log = read_log("o01_delivery_log").sort("landed_time")
    last = {r["feed_code"]: r for r in log.to_dicts()}
    found = [
        {
            "feed": f"feed:{c.code}",
            "name": c.name,
            "owner": c.owner,
            "frequency": c.frequency,
            "format": c.server.format,
            "key": "+".join(c.key),
            "last period": last.get(c.code, {}).get("period_end"),
            "last landed": _local(last.get(c.code, {}).get("landed_time")),
            "rows": last.get(c.code, {}).get("rows_n"),
        }
        for c in load_all().values()
    ]
    output.rows(found, as_json, "feeds")


def _local(moment: Any) -> Any:
    return moment.astimezone(clock.LOCAL) if moment is not None else None


@feed.command("show")
def feed_show(code: str, last: int = 8, as_json: Json = False) -> None:
    """One feed: its last deliveries, the next one due, the last refusal."""
    from ingestion.contract.calendar import due_at, ended_periods, period_end
    from ingestion.lake.logs import read_log

    contract = contract_of(code)
    log = read_log("o01_delivery_log", feed_code=contract.code).sort("landed_time", descending=True)
    columns = ["delivery_id", "file_name", "period_end", "landed_time", "status", "rows_n"]
    columns += ["inserted_n", "updated_n", "deleted_n", "unchanged_n", "superseded_n"]
    columns += ["quarantined_n", "vanished_n"]
    shown = log.select(columns).head(last).to_dicts()
    for row in shown:
        row["landed_time"] = _local(row["landed_time"])
    output.rows(shown, as_json, f"feed:{contract.code} {contract.name}")
    if as_json:
        return
    if contract.calendar:
        done = ended_periods(contract, clock.as_of())
        regime = contract.calendar[-1]
        start = done[-1].period_end.toordinal() + 1 if done else regime.since.toordinal()
        begin = max(regime.since, type(regime.since).fromordinal(start))
        end = period_end(begin, regime.period)
        typer.echo(f"next due: {begin} to {end}, by {due_at(end, regime.due):%Y-%m-%d %H:%M}")
    refused = log.filter(log["status"] == "4").head(1).to_dicts()
    typer.echo(
        f"last refusal: {refused[0]['file_name']}: {refused[0]['refusal']}"
        if refused
        else "last refusal: none"
    )


@feed.command("check")
def feed_check(code: str, file: Path, as_json: Json = False) -> None:
    """What delivering FILE would do. Writes nothing."""
    from ingestion.connectors import inbox
    from orchestration.run.rehearse import rehearse

    contract = contract_of(code)
    if not file.is_file():
        output.complain(f"{file}: no such file")
        raise typer.Exit(output.MISUSED)
    result = rehearse(inbox.receive(contract, file.resolve()))
    output.rows([result.summary()], as_json, str(file.name))
    if result.findings and not as_json:
        output.rows(result.findings, False, "findings")
    if result.refusal or result.quarantined:
        raise typer.Exit(output.FAILED)


@feed.command("replay")
def feed_replay(
    delivery_id: str,
    key: Annotated[Path | None, typer.Option(help="the archive's private key")] = None,
) -> None:
    """Take an archived delivery in again, under the contract as it is now."""
    from ingestion.lock import run_lock
    from orchestration.run.rehearse import ReplayError, again

    try:
        with run_lock():
            made = again(delivery_id, key)
    except ReplayError as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    typer.echo(made.words())


@quarantine.command("list")
def quarantine_list(
    feed_code: Annotated[str | None, typer.Option("--feed", help="feed:P44")] = None,
    rule: str | None = None,
    limit: int = 50,
    as_json: Json = False,
) -> None:
    """Refused rows, newest first; values only of columns that are not personal."""
    from ingestion.lake.logs import read_log

    equal = {"feed_code": contract_of(feed_code).code} if feed_code else {}
    found = read_log("quarantine", **equal).sort(
        "landed_time", "source_row", descending=[True, False]
    )
    if rule:
        found = found.filter(found["rule"] == rule)
    columns = ["feed_code", "file_name", "source_row", "column_name", "rule", "severity"]
    columns += ["value_shape", "value", "reason_zh"]
    output.rows(
        found.select(columns).head(limit).to_dicts(),
        as_json,
        f"quarantine ({found.height:,} findings)",
    )
