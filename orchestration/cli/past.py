"""`fengqiao sql`, `snapshot` and `releases`: what is published, and what was."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output
from orchestration.cli.feeds import Json

SCREEN_ROWS = 1000


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no day, write 2026-10-31") from error


def sql(
    query: str,
    limit: Annotated[
        int | None, typer.Option(min=1, help="rows; 1,000 on the screen, all in a file")
    ] = None,
    as_json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="comma separated")] = False,
    release: Annotated[
        str | None, typer.Option(help="fct_indicator as that release published it")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="fct_indicator as it stood at the end of that day")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="write the rows to this .csv, .xlsx or .parquet")
    ] = None,
    purpose: Annotated[str | None, typer.Option(help="what the file is for; logged")] = None,
    open_data: Annotated[
        bool, typer.Option("--open-data", help="to be published: only what is L1")
    ] = False,
) -> None:
    """Ask the marts, the judged values and the staging tables (read only, masked, logged).

    The past: indicator_revision, indicator_release, first_published (docs/revision-policy.md).
    """
    import duckdb

    from ingestion.access import NotLogged
    from orchestration.access.export import NoPurpose
    from orchestration.access.files import NotWritten
    from orchestration.access.leaving import MayNotLeave
    from orchestration.run.releases import UnknownRelease

    if release and as_of:
        output.complain("--release or --as-of, not both: a day has its last release")
        raise typer.Exit(output.MISUSED)
    if export is None and (purpose or open_data):
        output.complain("--purpose and --open-data belong to --export FILE")
        raise typer.Exit(output.MISUSED)
    day = _day(as_of) if as_of else None
    try:
        if export is not None:
            _export(query, export, purpose, limit, release, day, open_data, as_json)
        else:
            _show(query, limit or SCREEN_ROWS, release, day, csv, as_json)
    except NotLogged as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    except MayNotLeave as refused:
        output.complain(str(refused))
        raise typer.Exit(output.FAILED) from refused
    except (duckdb.Error, FileNotFoundError, UnknownRelease, NoPurpose, NotWritten) as error:
        output.complain(str(error).splitlines()[0])
        raise typer.Exit(output.MISUSED) from error


def _show(
    query: str, limit: int, release: str | None, day: date | None, csv: bool, as_json: bool
) -> None:
    from orchestration.run.query import ask

    found = ask(query, limit, release, day)
    if csv:
        typer.echo(found.write_csv(), nl=False)
    else:
        output.rows(found.to_dicts(), as_json)


def _export(
    query: str,
    target: Path,
    purpose: str | None,
    limit: int | None,
    release: str | None,
    day: date | None,
    open_data: bool,
    as_json: bool,
) -> None:
    from orchestration.access.export import export

    made = export(
        query,
        target.expanduser().absolute(),
        purpose,
        limit=limit,
        release=release,
        as_of=day,
        open_data=open_data,
    )
    told = {"file": str(made.path), "rows": made.rows_n, "sha256": made.sha256}
    if as_json:
        output.rows([{**told, "record": made.record}], True)
    else:
        typer.echo(f"{made.path}: {made.rows_n:,} rows, sha256 {made.sha256}")


def snapshot(
    folder: Path,
    audience: Annotated[str, typer.Option(help="whose bench: an audience of SQL Lab")],
    purpose: Annotated[str | None, typer.Option(help="what it is for; logged")] = None,
    as_json: Json = False,
) -> None:
    """Copy an audience's bench file into FOLDER, for Python and R (docs/statistics-bench.md)."""
    from ingestion.access import NotLogged
    from orchestration.access.export import NoPurpose
    from orchestration.access.files import NotWritten
    from orchestration.access.snapshot import UnknownAudience
    from orchestration.access.snapshot import snapshot as take

    try:
        made = take(folder.expanduser().absolute(), audience, purpose)
    except NotLogged as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    except (FileNotFoundError, NoPurpose, NotWritten, UnknownAudience) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    if as_json:
        told = {"file": str(made.path), "sha256": made.sha256, "record": made.record}
        output.rows([{**told, "tables": made.tables}], True)
        return
    output.rows([{"table": t, "rows": n} for t, n in made.tables.items()], False, made.path.name)
    typer.echo(f"{made.path}: sha256 {made.sha256}")


def note_explained(indicator: str, unit: str, period: str | None, rows_n: int) -> None:
    """Log that the rows behind a number are about to be shown; exit 3 if that cannot be."""
    from ingestion.access import Access, NotLogged, note

    asked = f"unit={unit} period={period or 'latest'}"
    try:
        note(Access("explain", (f"indicator:{indicator}",), filter=asked, rows=rows_n))
    except NotLogged as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable


def releases(
    limit: Annotated[int, typer.Option(help="how many, the newest first")] = 20,
    as_json: Json = False,
) -> None:
    """What was published when, and what each release changed."""
    from orchestration.run.releases import listed

    shown = [
        {
            "release": found["release_id"],
            "as of": found["as_of"],
            "published": found["published_time"],
            "rows changed": found["rows_changed"],
            "formulas changed": found["formulas_changed"],
        }
        for found in listed(limit)
    ]
    output.rows(shown, as_json, "releases")
