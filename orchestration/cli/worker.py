"""`fengqiao worker`: takes steps of a day that is fanned out."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import output


def worker(
    name: Annotated[str | None, typer.Option(help="default: process id and machine")] = None,
) -> None:
    """Take steps of the daily job from the broker until told to end (FENGQIAO_EXECUTOR=celery).

    Every worker needs the same home, secrets and variables as the run itself. Exit 3 without a
    broker's address.
    """
    from orchestration.service.broker import BadExecutor
    from orchestration.service.worker import work

    try:
        work(name)
    except BadExecutor as error:
        output.complain(str(error))
        raise typer.Exit(output.UNABLE) from error
