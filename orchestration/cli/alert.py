"""`fengqiao alerts` and `fengqiao metrics`: what must be acted on, and how the platform is."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestration.cli import output
from orchestration.cli.feeds import Json


def alerts(
    send: Annotated[bool, typer.Option("--send", help="tell the offices, as after a run")] = False,
    as_json: Json = False,
) -> None:
    """What somebody must act on, one line per cause; with --send it is told to who answers for it.

    Exit 1 when a message was not taken or nobody knows, 2 when a declared file errs, 3 when no
    channel is set up or another round is on.
    """
    from ingestion import clock
    from orchestration.alert.declared import BadDeclaration
    from orchestration.alert.state import RoundOn
    from orchestration.service.demonstration import settle_if_demonstration

    settle_if_demonstration()
    try:
        if send:
            _send(as_json)
        else:
            from orchestration.alert.listing import listing

            output.rows(listing(clock.as_of()), as_json, "alerts")
    except BadDeclaration as error:
        output.complain(str(error))
        raise typer.Exit(output.MISUSED) from error
    except RoundOn as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error


def _send(as_json: bool) -> None:
    from ingestion import clock
    from orchestration.alert.rounds import hold_round

    outcomes = hold_round(clock.as_of())
    shown = [
        {"office": o.office, "way": o.route, "what": o.kind, "causes": ", ".join(o.causes),
         "state": o.state, "why": o.why}
        for o in outcomes
    ]  # fmt: skip
    output.rows(shown, as_json, "messages")
    if any(o.state in ("failed", "unknown") for o in outcomes):
        raise typer.Exit(output.FAILED)
    if outcomes and all(o.state == "unset" for o in outcomes):
        output.complain("no channel is set up: docs/operations.md, Alerts and metrics")
        raise typer.Exit(output.UNABLE)


def metrics() -> None:
    """Prometheus text exposition; every run writes the same to ops/metrics/fengqiao.prom."""
    from ingestion import clock
    from orchestration.alert.metrics import exposition
    from orchestration.service.demonstration import settle_if_demonstration

    settle_if_demonstration()
    sys.stdout.write(exposition(clock.as_of()).decode())
