"""`fengqiao sql` and `fengqiao releases`: what is published, and what was."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from orchestration.cli import output
from orchestration.cli.feeds import Json


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no day, write 2026-10-31") from error


def sql(
    query: str,
    limit: int = 1000,
    as_json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="comma separated")] = False,
    release: Annotated[
        str | None, typer.Option(help="fct_indicator as that release published it")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="fct_indicator as it stood at the end of that day")
    ] = None,
) -> None:
    """Ask the marts, the judged values and the staging tables (read only, masked).

    The past: indicator_revision, indicator_release, first_published (docs/revision-policy.md).
    """
    import duckdb

    from orchestration.run.query import ask
    from orchestration.run.releases import UnknownRelease

    if release and as_of:
        output.complain("--release or --as-of, not both: a day has its last release")
        raise typer.Exit(output.MISUSED)
    try:
        found = ask(query, limit, release, _day(as_of) if as_of else None)
    except (duckdb.Error, FileNotFoundError, UnknownRelease) as error:
        output.complain(str(error).splitlines()[0])
        raise typer.Exit(output.MISUSED) from error
    if csv:
        typer.echo(found.write_csv(), nl=False)
    else:
        output.rows(found.to_dicts(), as_json)


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
