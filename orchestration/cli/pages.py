"""`fengqiao dashboards …`: specifications against the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer

from orchestration.cli import output

dashboards = typer.Typer(
    no_args_is_help=True, help="Pages: plan, apply, prune, verify, warm, shoot."
)
T = TypeVar("T")


def _ask(command: Callable[[], T]) -> T:
    """Run a compiler command; what the user can mend is one line and exit 3."""
    from dashboards.compiler.errors import DashboardError
    from dashboards.server.control import SupersetError

    try:
        return command()
    except httpx.HTTPError as error:
        output.complain(f"Superset does not answer ({type(error).__name__}): `fengqiao up` first")
    except FileNotFoundError as error:
        output.complain(f"{error.filename} is missing: `fengqiao up` first")
    except (SupersetError, DashboardError) as error:
        output.complain(str(error))
    raise typer.Exit(output.UNABLE)


def _print(changes: Sequence[object], nothing: str) -> None:
    for change in changes:
        typer.echo(str(change))
    if not changes:
        typer.echo(nothing)


@dashboards.command()
def plan() -> None:
    """What differs between the specifications and the server; exit 1 on drift."""
    from dashboards.compiler import commands

    found = _ask(commands.plan)
    _print(found, "no drift")
    if found:
        raise typer.Exit(output.FAILED)


@dashboards.command()
def apply() -> None:
    """Bring the specifications to the server."""
    from dashboards.compiler import commands
    from dashboards.server import control

    changes = _ask(commands.apply)
    _print(changes, "nothing to change")
    if changes:
        control.begin_warming()


@dashboards.command()
def prune() -> None:
    """Remove from the server what no specification names any more."""
    from dashboards.compiler import commands

    _print(_ask(commands.prune), "nothing to remove")


@dashboards.command()
def verify() -> None:
    """Check the chain page → chart → dataset → column, every query, every page in a browser."""
    from dashboards.compiler import commands

    found = _ask(commands.verify)
    _print(found, "every page, chart and column holds")
    if found:
        raise typer.Exit(output.FAILED)


@dashboards.command()
def warm() -> None:
    """Make the answers of every page ready for every kind of reader, as each publish does."""
    from dashboards.compiler import warming

    done = _ask(warming.warm)
    if done is None:
        typer.echo("Superset does not run: nothing to make ready")
        return
    typer.echo(
        f"{done['questions']} questions, {done['readers']} kinds of readers: "
        f"{done['answers']} answers, {done['failed']} failed"
    )


@dashboards.command()
def shoot(
    target: Annotated[Path | None, typer.Option(help="folder for the pictures")] = None,
) -> None:
    """A PNG of every page at its widths."""
    from dashboards.compiler import commands
    from ingestion import places

    folder = target or places.docs() / "pictures"
    _print(_ask(lambda: commands.shoot(folder)), "no pages")
