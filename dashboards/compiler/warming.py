"""`fengqiao dashboards warm`: answers are made ready before anybody asks (ADR 47).

Two programs: this one, in the pipeline's environment, works out what pages ask; the other, in
Superset's (`dashboards/server/warming.py`), asks it. After a publish both run by themselves at the
lowest priority; nobody waits for them, and what becomes of them is said in `ops/logs/warm.log`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from dashboards.compiler.commands import compiled
from dashboards.compiler.errors import DashboardError
from dashboards.compiler.opening import chart_questions, filter_questions
from dashboards.server import control, paths

_CONFIGURATION = "warming_config.py"
LEAST_PRIORITY = 19


def questions() -> list[dict[str, Any]]:
    """Every question of every page as it opens: the filters first, as a browser does."""
    bundle = compiled()
    of_page: dict[str, list[dict[str, Any]]] = {page.id: [] for page in bundle.pages}
    for page, _, body in (*filter_questions(bundle), *chart_questions(bundle)):
        of_page[page.id].append(body)
    return [body for bodies in of_page.values() for body in bodies]


def warm(asked: list[dict[str, Any]] | None = None) -> dict[str, int] | None:
    """Ask them, or only these; gives what came of it (`dashboards/server/warming.py`), None without
    a server."""
    if not control.is_running():
        return None
    folder = paths.superset_home()
    command = [str(paths.superset_python()), "-m", "dashboards.server.warming"]
    configuration = Path(control.__file__).with_name(_CONFIGURATION)
    environment = {**control.environment(), "SUPERSET_CONFIG_PATH": str(configuration)}
    with paths.log_file().open("ab") as log:
        done = subprocess.run(
            command,
            input=json.dumps(questions() if asked is None else asked).encode(),
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env=environment,
        )
    if done.returncode:
        raise DashboardError(f"answers could not be made ready; see {paths.log_file()}")
    told: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """The program that `control.begin_warming` starts."""
    os.nice(LEAST_PRIORITY)
    print(json.dumps(warm()), flush=True)


if __name__ == "__main__":
    main()
