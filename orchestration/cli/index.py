"""`fengqiao index`: what a version of the stability index rests on, before anyone trusts it."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import output
from orchestration.cli.feeds import Json


def index(
    card: Annotated[str, typer.Option(help="TOWN or DEPT")] = "TOWN",
    as_json: Json = False,
) -> None:
    """How the order of units changes when the index is built otherwise; exit 1 if it is stopped."""
    from orchestration.judging.index.report import NoVersion, report

    try:
        found = report(card.upper())
    except (NoVersion, FileNotFoundError) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    if as_json:
        output.rows([found.state, *found.compared, *found.variance], True)
    else:
        output.rows([found.state], False, "version")
        output.rows(found.compared, False, "one choice changed")
        output.rows(found.variance, False, "all choices at once: share of the mean rank shift")
    if found.state["stopped"]:
        raise typer.Exit(output.FAILED)
