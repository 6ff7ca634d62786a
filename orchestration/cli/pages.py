"""`fengqiao dashboards …`: specifications against the server."""

from __future__ import annotations

import typer

from orchestration.cli import output

dashboards = typer.Typer(no_args_is_help=True, help="Pages: plan, apply, prune, verify, shoot.")


def _run(name: str) -> object:
    from dashboards.compiler import commands
    from dashboards.server.control import SupersetError

    try:
        return getattr(commands, name)()
    except (SupersetError, commands.DashboardError) as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error


def _print(lines: object) -> int:
    listed = [str(line) for line in lines] if isinstance(lines, list) else []
    for line in listed:
        typer.echo(line)
    return len(listed)


@dashboards.command()
def plan() -> None:
    """What differs between the specifications and the server; exit 1 on drift."""
    if _print(_run("plan")):
        raise typer.Exit(output.FAILED)
    typer.echo("no drift")


@dashboards.command()
def apply() -> None:
    """Bring the specifications to the server."""
    _print(_run("apply"))


@dashboards.command()
def prune() -> None:
    """Remove from the server what no specification names any more."""
    _print(_run("prune"))


@dashboards.command()
def verify() -> None:
    """Check the chain page → chart → dataset → column, every query, every page in a browser."""
    if _print(_run("verify")):
        raise typer.Exit(output.FAILED)
    typer.echo("all pages hold")


@dashboards.command()
def shoot() -> None:
    """A PNG of every page at its widths."""
    _print(_run("shoot"))
