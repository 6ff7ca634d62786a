"""`fengqiao backup` and `fengqiao restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output

Target = Annotated[Path, typer.Argument(help="folder of the back-up, on another disk")]


def backup(
    target: Target,
    keep: Annotated[int, typer.Option(min=1, help="states to keep, the newest ones")] = 14,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Back the data home up, encrypted to the archive's public key; secrets stay where they are."""
    from ingestion.lock import Busy
    from orchestration.backup import BackupError, snapshot

    try:
        made = snapshot(target, keep=keep)
    except (BackupError, Busy) as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    row = {"name": made.name, "release": made.release_id, "files": len(made.entries)}
    output.rows([{**row, "mib": round(made.bytes_n / 2**20)}], as_json)


def restore(
    target: Target,
    name: Annotated[str | None, typer.Option(help="which state; default the newest")] = None,
    key: Annotated[Path | None, typer.Option(help="private key; default the archive's")] = None,
) -> None:
    """Put a back-up in the place of a data home that is not there, then `fengqiao run`."""
    from orchestration.backup import BackupError
    from orchestration.backup import restore as bring_back

    try:
        found = bring_back(target, name=name, key=key)
    except BackupError as unable:
        output.complain(str(unable))
        raise typer.Exit(output.UNABLE) from unable
    typer.echo(f"restored {found.name}: {len(found.entries):,} files, release {found.release_id}")
    typer.echo("the pages of that release can be served; `fengqiao run` builds the rest again")
