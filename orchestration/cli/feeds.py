"""`fengqiao feed …` and `fengqiao quarantine …`: what an agency sent, what was refused, why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ingestion import clock
from ingestion.contract import ContractError, load, load_all
from ingestion.contract.load import load_file
from ingestion.contract.model import Contract
from orchestration.cli import output

feed = typer.Typer(no_args_is_help=True, help="Feeds: draft, list, show, check a file, replay.")
quarantine = typer.Typer(no_args_is_help=True, help="What was refused, where and why.")
Json = Annotated[bool, typer.Option("--json", help="for programs")]
Approval = Annotated[
    str | None, typer.Option("--approval", help="number of the approval; for minors' data (F14)")
]


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
    """One feed: its source, its last deliveries, the next one due, volume, the last refusal."""
    from orchestration.run.history import history

    contract = contract_of(code)
    found = history(contract, last)
    if as_json:
        whole = {"feed": f"feed:{contract.code}", "name": contract.name, **found.state}
        output.rows([{**whole, "deliveries": found.deliveries}], True)
        return
    output.rows(found.deliveries, False, f"feed:{contract.code} {contract.name}")
    state = found.state
    typer.echo(f"source: {state['server']} {state['location']}")
    for way in state["also"]:
        typer.echo(f"also: {way}")
    due, refused, volume = state["next due"], state["last refusal"], state["volume"]
    if due:
        typer.echo(f"next due: {due['from']} to {due['to']}, by {due['by']:%Y-%m-%d %H:%M}")
    if volume:
        usual = "no same weekday before"
        if volume["weeks"]:
            usual = f"{volume['share']} of {volume['same weekday']:,} on the same weekday "
            usual += f"({volume['weeks']} before)"
        typer.echo(f"volume: {volume['day']}: {volume['rows']:,} rows, {usual}")
    if refused is None:
        typer.echo("last refusal: none")
        return
    typer.echo(f"last refusal: {refused['file']}: {refused['rule']}: {refused['reason']}")
    if refused["patch"]:
        typer.echo(f"proposed patch: {refused['patch']}")


@feed.command("contract")
def feed_contract(code: str) -> None:
    """Print a feed's contract, to begin the city's own from (`contracts/` goes before ours)."""
    from ingestion.contract.load import file_of

    typer.echo(file_of(contract_of(code)).read_text("utf-8"), nl=False)


@feed.command("new")
def feed_new(
    file: Path,
    code: Annotated[str, typer.Option(help="the feed's code")] = "X01",
    name: Annotated[str | None, typer.Option(help="its Chinese name")] = None,
    out: Annotated[Path | None, typer.Option(help="write the contract here")] = None,
) -> None:
    """Draft a contract from a sample FILE (CSV, Excel, JSON), without a value of a person."""
    from ingestion.draft import draft
    from ingestion.receive.text import Unreadable

    if not re.fullmatch(r"[A-Z]{1,4}\d{1,4}", code):
        output.complain(f"{code}: a code is letters and a number, like X01")
        raise typer.Exit(output.MISUSED)
    _must_exist(file)
    try:
        text = draft(file, code, name)
    except Unreadable as error:
        output.complain(f"{file.name}: {error}")
        raise typer.Exit(output.FAILED) from error
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists():
        output.complain(f"{out}: there is a file already")
        raise typer.Exit(output.MISUSED)
    out.write_text(text, "utf-8")
    typer.echo(f"{out}: decide what says TODO or decide, then `fengqiao feed check {out} {file}`")


def _must_exist(file: Path) -> None:
    if not file.is_file():
        output.complain(f"{file}: no such file")
        raise typer.Exit(output.MISUSED)


def _contract_at(path: Path) -> Contract:
    _must_exist(path)
    try:
        return load_file(path)
    except (ContractError, KeyError, TypeError, ValueError) as error:
        output.complain(f"{path.name}: {error}")
        raise typer.Exit(output.MISUSED) from error


def _approved(contract: Contract, approval: str | None, action: str, what: str = "") -> None:
    """Minors' rows only with an approval, which is logged; or exit 2 (DP-13)."""
    from ingestion.access import NotLogged
    from orchestration.access.approval import NotApproved, require, required

    if not required(contract):
        return
    try:
        require(contract, approval, action, what)
    except NotApproved as refused:
        output.complain(str(refused))
        raise typer.Exit(output.MISUSED) from refused
    except NotLogged as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable


@feed.command("check")
def feed_check(
    feed: Annotated[str, typer.Argument(help="feed:P44, or the path of a contract")],
    file: Path,
    as_json: Json = False,
    approval: Approval = None,
) -> None:
    """What delivering FILE would do. Writes nothing."""
    from ingestion.connectors import inbox
    from orchestration.run.rehearse import rehearse

    drafted = Path(feed) if feed.endswith((".yaml", ".yml")) else None
    contract = _contract_at(drafted) if drafted else contract_of(feed)
    _must_exist(file)
    _approved(contract, approval, "check", file.name)
    result = rehearse(inbox.receive(contract, file.resolve()), drafted)
    if as_json:
        output.rows([result.everything()], True)
    else:
        output.rows([result.summary()], False, str(file.name))
        if result.findings:
            output.rows(result.findings, False, "findings")
        if result.drift:
            output.rows(result.drift, False, "drift")
        if result.patch:
            typer.echo(f"proposed patch (nothing is changed):\n{result.patch}", nl=False)
        for note in result.notes:
            typer.echo(f"note: {note}")
    if result.refusal or result.quarantined:
        raise typer.Exit(output.FAILED)


@feed.command("replay")
def feed_replay(
    delivery_id: str,
    key: Annotated[Path | None, typer.Option(help="the archive's private key")] = None,
    approval: Approval = None,
) -> None:
    """Take an archived delivery in again, under the contract as it is now. Logged."""
    from ingestion.access import NotLogged
    from ingestion.lock import run_lock
    from orchestration.access.approval import NotApproved
    from orchestration.run.rehearse import ReplayError, again

    try:
        with run_lock():
            made = again(delivery_id, key, approval)
    except (ReplayError, NotApproved) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    except NotLogged as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    typer.echo(made.words())


@quarantine.command("list")
def quarantine_list(
    feed_code: Annotated[str | None, typer.Option("--feed", help="feed:P44")] = None,
    rule: str | None = None,
    limit: int = 50,
    as_json: Json = False,
    approval: Approval = None,
) -> None:
    """Refused rows, newest first; values only of columns that are not personal."""
    from ingestion.lake.logs import read_log
    from orchestration.access.approval import required

    equal = {}
    if feed_code:
        contract = contract_of(feed_code)
        _approved(contract, approval, "quarantine")
        equal = {"feed_code": contract.code}
    found = read_log("quarantine", **equal).sort(
        "landed_time", "source_row", descending=[True, False]
    )
    if not feed_code:
        closed = [c.code for c in load_all().values() if required(c)]
        shown = found.filter(~found["feed_code"].is_in(closed))
        if shown.height < found.height:
            hidden = f"{found.height - shown.height:,} findings of {', '.join(closed)}"
            output.complain(f"{hidden} are minors' data: --feed, with --approval")
        found = shown
    if rule:
        found = found.filter(found["rule"] == rule)
    columns = ["feed_code", "file_name", "source_row", "column_name", "rule", "severity"]
    columns += ["value_shape", "value", "reason_zh"]
    output.rows(
        found.select(columns).head(limit).to_dicts(),
        as_json,
        f"quarantine ({found.height:,} findings)",
    )
