"""dbt through its command line, on the project of this repository.

Called as a module it only parses: what dbt keeps from one day to the next is then there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


WITHOUT = ("--exclude", "test_type:unit", "resource_type:seed", "tag:l4")


def profile(home: Path) -> Path:
    """A folder with the project's profile as another team has it: without our plugin, which opens a
    lake on a store and whose packages are not in this environment."""
    told = yaml.safe_load((PROJECT / "profiles.yml").read_text("utf-8"))
    for output in told["fengqiao"]["outputs"].values():
        output.pop("plugins", None)
    folder = home / "profile"
    folder.mkdir(exist_ok=True)
    (folder / "profiles.yml").write_text(yaml.safe_dump(told), "utf-8")
    return folder


def dbt(home: Path, as_of: str, *words: str) -> None:
    """One command on the build file of a home. Raises CalledProcessError."""
    target = home / "build" / "dbt" / "cli"
    command = [
        str(Path(sys.executable).with_name("dbt")), *words,
        "--project-dir", str(PROJECT), "--profiles-dir", str(profile(home)),
        "--target-path", str(target), "--log-path", str(home / "logs"),
        "--vars", json.dumps({"as_of": as_of.replace("T", " "), "city_code": "330600"}),
    ]  # fmt: skip
    own = {
        "FENGQIAO_DUCKDB": str(home / "build" / "fengqiao.duckdb"),
        "FENGQIAO_DBT_TARGET": str(target),
    }
    with (home / "dbt.log").open("a", encoding="utf-8") as log:
        subprocess.run(
            command, check=True, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT
        )


if __name__ == "__main__":
    dbt(Path(os.environ["FENGQIAO_HOME"]), os.environ["FENGQIAO_AS_OF"], "parse")
