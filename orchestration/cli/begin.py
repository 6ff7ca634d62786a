"""`fengqiao init`: a directory for another city."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output


def init(
    directory: Path,
    prefecture: Annotated[str, typer.Option(help="its code, GB/T 2260: 330800")],
    name: Annotated[str | None, typer.Option(help="its name; known for Zhejiang")] = None,
) -> None:
    """Write the DIRECTORY of a city: its name, divisions, feeds, and places for its own files."""
    from ingestion.generate.write import write
    from orchestration.found import CannotBegin, begin
    from orchestration.generate import release_calendar

    try:
        begin(directory, prefecture, name)
    except (CannotBegin, OSError) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    os.environ["FENGQIAO_CITY"] = str(directory.resolve())
    write(release_calendar.files())
    typer.echo(f"{directory}: read its README.md; then `cd {directory}` and `fengqiao run`")
