"""A large CSV into the lake, ours beside its peers: python -m benchmarks.ingestion --rows 1000000.

Every measurement is a fresh process, and the programs take turns (A B C A B C …), so that a slow
minute of the machine falls on all of them. Everything lies in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import report

ROOT = Path(__file__).resolve().parent.parent
OURS = Path(sys.executable)
BENCH = ROOT / ".venv" / "bench" / "bin" / "python"
# The largest need of a run per row: the CSV, and what one program writes from it.
BYTES_PER_ROW = 600
# `changed` corrects the table that `merge` has left; without what dlt needs once, `dlt-rows` could
# only be scaled against it.
NEEDS = {"changed": "merge", "dlt-rows": "dlt-start"}


@dataclass(frozen=True)
class Program:
    """One thing to measure; `fresh` empties its folder first, `few` is run `--few` times."""

    name: str
    python: Path
    arguments: tuple[str, ...]
    rows: int
    fresh: bool = True
    few: bool = False


def programs(rows: int, keyed_rows: int, dict_rows: int) -> list[Program]:
    """All programs, in their order; `changed` needs the table that `merge` has left."""
    day = ("2026-10-01", "2026-10-02")
    ours = ("benchmarks.product",)
    dlt = ("benchmarks.peer_dlt",)
    return [
        Program("copy", OURS, ("benchmarks.bare_copy", "all.csv"), rows),
        Program("append", OURS, (*ours, "append", "all.csv", day[0]), rows),
        Program("merge", OURS, (*ours, "latest", "keyed.csv", day[0]), keyed_rows),
        Program("changed", OURS, (*ours, "latest", "changed.csv", day[1]), keyed_rows, fresh=False),
        Program("dlt-arrow", BENCH, (*dlt, "arrow", "all.csv"), rows, few=True),
        Program("dlt-start", BENCH, (*dlt, "rows", "one.csv"), 1, few=True),
        Program("dlt-rows", BENCH, (*dlt, "rows", "few.csv"), dict_rows, few=True),
    ]


def environment(folder: Path) -> dict[str, str]:
    """Where a child finds its places; nothing of the caller's city can be touched."""
    own = {
        "PYTHONPATH": str(ROOT),
        "FENGQIAO_HOME": str(folder / "data"),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": "2026-10-31T09:00:00",
        "DLT_DATA_DIR": str(folder / "dlt-home"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
    return {**os.environ, **own}


def child(python: Path, arguments: Sequence[str], folder: Path) -> str:
    """Run a module of ours in `folder`; gives what it printed."""
    command = [str(python), "-W", "ignore", "-m", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def deliveries(folder: Path, counts: dict[str, int]) -> None:
    """Write the files that the programs read, and read them once, so that none comes from disk."""
    for which, count in counts.items():
        name = f"{which}.csv"
        child(OURS, ("benchmarks.generate", str(count), str(folder / name), which), folder)
        with (folder / name).open("rb") as file:
            while file.read(1 << 24):
                pass


def measure(program: Program, folder: Path) -> dict[str, Any]:
    """One run of one program: what benchmarks/measure.py says, and the seconds of the process."""
    work = folder / "work"
    if program.fresh:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    arguments = [str(folder / a) if a.endswith(".csv") else a for a in program.arguments]
    os.sync()  # nobody pays for what the one before left to be written
    start = time.perf_counter()
    printed = child(program.python, arguments, work)
    whole = time.perf_counter() - start
    taken: dict[str, Any] = json.loads(printed.splitlines()[-1])
    if taken["rows"] != program.rows:
        raise SystemExit(f"{program.name}: {taken['rows']} rows instead of {program.rows}")
    return {**taken, "process_seconds": whole}


def run(chosen: list[Program], folder: Path, runs: int, few: int) -> dict[str, list[Any]]:
    """All measurements by program; the programs take turns."""
    taken: dict[str, list[Any]] = {p.name: [] for p in chosen}
    for turn in range(max(runs, few)):
        for program in chosen:
            if turn < (few if program.few else runs):
                one = measure(program, folder)
                taken[program.name].append(one)
                print(f"  {turn + 1} {program.name:9} {one['seconds']:8.2f} s", file=sys.stderr)
    return taken


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingestion", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--keyed-rows", type=int, help="of merge and changed (at most 2000000)")
    parser.add_argument("--dict-rows", type=int, help="of dlt's dictionaries (a tenth of --rows)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--few", type=int, default=3, help="runs of dlt")
    parser.add_argument("--only", nargs="+", metavar="PROGRAM", help="copy append merge changed …")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    parser.add_argument("--report", type=Path, help="Markdown; JSON of the same name beside it")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    # A keyed delivery is held in memory whole: about 1.5 GB for each million of these rows.
    keyed_rows = given.keyed_rows or min(given.rows, 2_000_000)
    dict_rows = given.dict_rows or max(given.rows // 10, 1)
    chosen = programs(given.rows, keyed_rows, dict_rows)
    known = [p.name for p in chosen]
    wanted = given.only or known
    if unknown := sorted(set(wanted) - set(known)):
        raise SystemExit(f"no program {', '.join(unknown)}; there are {', '.join(known)}")
    for name, needed in NEEDS.items():
        if name in wanted and needed not in wanted:
            raise SystemExit(f"`{name}` needs `{needed}` beside it: name both")
    chosen = [p for p in chosen if p.name in wanted]
    if any(p.python == BENCH for p in chosen) and not BENCH.exists():
        raise SystemExit("dlt is not installed: scripts/install.sh bench, or --only copy append")
    with tempfile.TemporaryDirectory(prefix="fengqiao-benchmark-", dir=given.folder) as name:
        folder = Path(name)
        if shutil.disk_usage(folder).free < given.rows * BYTES_PER_ROW:
            need = given.rows * BYTES_PER_ROW >> 20
            raise SystemExit(f"{need} MiB of disk are needed in {folder.parent}; see --folder")
        keyed = {"keyed": keyed_rows, "changed": keyed_rows}
        deliveries(folder, {"all": given.rows, **keyed, "few": dict_rows, "one": 1})
        size = (folder / "all.csv").stat().st_size
        machine = report.machine(ROOT)
        taken = run(chosen, folder, given.runs, given.few)
    result = report.result(machine, given.rows, size, taken)
    text = report.markdown(result)
    if given.report:
        old = given.report.read_text("utf-8") if given.report.exists() else ""
        given.report.write_text(report.beside(text, old), "utf-8")
        body = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
        given.report.with_suffix(".json").write_text(body, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
