"""`fengqiao brief weekly|monthly`: a PDF and its tables, and to whom they went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import output
from orchestration.cli.feeds import Json


def brief(
    kind: Annotated[str, typer.Argument(help="weekly or monthly")],
    unit: Annotated[
        str | None,
        typer.Option(help="the city's code or a district; with --mail only its recipients"),
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="2026-09 or 2026-W43; the newest that is over when left out")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder; default: briefs of the data home")
    ] = None,
    mail: Annotated[bool, typer.Option("--mail", help="send to the declared recipients")] = False,
    as_json: Json = False,
) -> None:
    """Make a brief (PDF and xlsx) of what is published; the same data, the same bytes.

    Exit 1 when a recipient did not get it, 3 when mail is not set up.
    """
    from ingestion.access import NotLogged
    from orchestration.brief import NoBrief
    from orchestration.brief.document import NotSet
    from orchestration.brief.recipients import BadRecipients
    from orchestration.brief.smtp import NotConfigured
    from orchestration.service.demonstration import settle_if_demonstration

    settle_if_demonstration()
    target = out.expanduser().absolute() if out else None
    try:
        if mail:
            _mail(kind, unit, period, target, as_json)
        else:
            _make(kind, unit, period, target, as_json)
    except (NoBrief, BadRecipients) as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    except (NotConfigured, NotSet, NotLogged) as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error


def _make(kind: str, unit: str | None, period: str | None, out: Path | None, as_json: bool) -> None:
    from orchestration.brief import make

    made = make(kind, unit, period, out)
    if as_json:
        told = {"kind": kind, "unit": made.unit, "period": made.period.label,
                "state": made.period.state, "release": made.release_id,
                "pdf": str(made.pdf), "xlsx": str(made.xlsx)}  # fmt: skip
        output.rows([told], True)
        return
    typer.echo(f"{made.title} {made.place} {made.period.text} {made.period.state}")
    typer.echo(str(made.pdf))
    typer.echo(str(made.xlsx))


def _mail(kind: str, unit: str | None, period: str | None, out: Path | None, as_json: bool) -> None:
    from orchestration.brief.mail import mail

    found = mail(kind, period, unit=unit, out=out, say=output.progress)
    shown = [
        {"office": o.recipient.office, "unit": o.recipient.unit, "address": o.recipient.address,
         "state": o.state, "why": o.text}
        for o in found
    ]  # fmt: skip
    output.rows(shown, as_json, "briefs")
    if any(o.failed for o in found):
        raise typer.Exit(output.FAILED)
