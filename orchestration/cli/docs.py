"""`fengqiao docs`: the Data Docs of the checks; `fengqiao docs build`: the documentation site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output

docs = typer.Typer(
    invoke_without_command=True,
    help="Write the Data Docs of the checks (counts, never values); `build` makes the site.",
)


@docs.callback()
def data_docs(context: typer.Context) -> None:
    """Write the Data Docs of the checks (counts, never values); `build` makes the site."""
    if context.invoked_subcommand is not None:
        return
    from ingestion import clock, places
    from orchestration.run.day import register_lake
    from orchestration.service.demonstration import settle_if_demonstration
    from quality.run import build_data_docs

    settle_if_demonstration()
    register_lake(clock.as_of())
    build_data_docs(clock.as_of())
    typer.echo(str(places.docs() / "data-docs" / "index.html"))


@docs.command()
def build(
    out: Annotated[
        Path | None, typer.Option(help="folder of the site; default: docs/site in the data home")
    ] = None,
) -> None:
    """Build the documentation site: dictionary, lineage, search, and the words of docs/.

    Any warning is an error, and so is a link that leads nowhere. Open index.html from the folder
    or through any plain web server; nothing is asked of another host.
    """
    from ingestion import clock, places
    from orchestration.site.build import SiteError
    from orchestration.site.build import build as build_site

    place = (out or places.docs() / "site").resolve()
    try:
        built = build_site(place, clock.as_of(), output.progress)
    except SiteError as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error
    typer.echo(f"{built.out / 'index.html'} ({built.pages_n:,} pages, {built.entries_n:,} entries)")
