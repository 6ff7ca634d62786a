"""`fengqiao audit …`: the access log is whole, who looked at what, and who may."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from ingestion import clock
from ingestion.access import Entry
from orchestration.cli import output
from orchestration.cli.feeds import Json

audit = typer.Typer(no_args_is_help=True, help="The access log: verify, list, statement, expire.")


def _told(heads: list[str] | None) -> dict[str, Entry]:
    """`access:1234:5f…` as `verify` printed it on another day."""
    told = {}
    for text in heads or []:
        parts = text.split(":")
        if len(parts) != 3 or parts[0] not in ("access", "provision") or not parts[1].isdigit():
            raise typer.BadParameter(f"{text}: write BOOK:RECORD:HASH as `audit verify` prints it")
        told[parts[0]] = Entry(int(parts[1]), parts[2])
    return told


@audit.command("verify")
def audit_verify(
    head: Annotated[
        list[str] | None, typer.Option(help="a head noted elsewhere, BOOK:RECORD:HASH")
    ] = None,
    as_json: Json = False,
) -> None:
    """Whether every byte of the log is as it was written; exit 1 if not, 3 if there is none.

    Note the heads that it prints on another machine: they show even a log written anew.
    """
    from dataclasses import asdict

    from orchestration.access.verify import verify_all

    found = verify_all(_told(head))
    findings = [asdict(f) for book in found for f in book.findings]
    wrong = any(book.wrong for book in found)
    heads = [f"{b.book}:{b.head.sequence}:{b.head.hash}" for b in found if b.records_n]
    if as_json:
        books = [{"book": b.book, "files": b.files_n, "records": b.records_n} for b in found]
        whole = not wrong
        output.rows([{"whole": whole, "books": books, "heads": heads, "findings": findings}], True)
    else:
        if findings:
            shown = [{**f, "is_wrong": "wrong" if f["is_wrong"] else "note"} for f in findings]
            output.rows([{("" if k == "is_wrong" else k): v for k, v in f.items()} for f in shown],
                        False, "findings")  # fmt: skip
        for book in found:
            state = "NOT WHOLE" if book.wrong else "whole"
            files = f"{book.files_n} files" if book.files_n != 1 else "1 file"
            typer.echo(f"{book.book}: {state}, {book.records_n:,} records in {files}")
        for text in heads:
            typer.echo(f"head {text}")
    if wrong:
        raise typer.Exit(output.FAILED)
    if not heads:
        output.complain("nothing has been logged yet")
        raise typer.Exit(output.UNABLE)


def _moment(text: str) -> datetime:
    try:
        return clock.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no day, write 2026-10-31") from error


@audit.command("list")
def audit_list(
    who: Annotated[str | None, typer.Option(help="a login or a role")] = None,
    since: Annotated[str | None, typer.Option(help="2026-10-31, or with an hour")] = None,
    dataset: Annotated[str | None, typer.Option(help="a table, or a feed's code")] = None,
    action: Annotated[str | None, typer.Option(help="sql, export, sqllab, page, …")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: Json = False,
) -> None:
    """Who looked at what, newest first."""
    from orchestration.access.listing import listed

    found = listed(who, _moment(since) if since else None, dataset, action, limit)
    if as_json:
        output.rows(found, True)
        return
    shown = [
        {
            "time": datetime.fromisoformat(r["time"]),
            "who": r["login"],
            "role": r["role"],
            "action": r["action"],
            "outcome": r["outcome"],
            "datasets": ", ".join(r["datasets"]),
            "rows": r["rows"],
            "what": (r["statement"] or r["filter"])[:80],
            "purpose": r["purpose"] or r["approval"],
        }
        for r in found
    ]
    output.rows(shown, False, "access log")


@audit.command("statement")
def audit_statement(as_json: Json = False) -> None:
    """For auditors, in Chinese: each role, its datasets, their rows, and what it may do."""
    from orchestration.access.statement import brief, statement

    lines = statement()
    shown = [line.shown() for line in (lines if as_json else brief(lines))]
    output.rows(shown, as_json, "权限说明")


@audit.command("expire")
def audit_expire() -> None:
    """Delete months whose time is over (access 1 year, provision 3), and log it."""
    from ingestion.access import NotLogged
    from orchestration.access.expiry import expire

    try:
        gone = expire()
    except NotLogged as failed:
        output.complain(str(failed))
        raise typer.Exit(output.FAILED) from failed
    typer.echo("\n".join(f"deleted {name}" for name in gone) or "nothing is over")
