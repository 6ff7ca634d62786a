"""The day's job beside the same pipeline put together from defaults.

    scripts/install.sh pipeline bench
    .venv/pipeline/bin/python -m benchmarks.day --folder /var/tmp/day --runs 3

The first call makes a city and loads it up to the day before, which takes some minutes and is not
measured; what lies in `--folder` is used again, and without it everything is made in a temporary
folder. What is compared, and what the peer does not do: benchmarks/default_pipeline/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import report
from benchmarks.default_pipeline import page, runs
from benchmarks.default_pipeline.layout import ROOT, Layout, mornings

OURS = sys.executable
PREPARE = [OURS, "-W", "ignore", "-m", "benchmarks.default_pipeline.prepare"]
PROGRAMS = ("ours", "ours-dagster", "peer", "peer-lean")
FEW = ("ours-dagster", "peer-lean")


def _call(command: list[str], environment: dict[str, str], what: str) -> None:
    print(f"  … {what}", file=sys.stderr)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{what} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def prepare(layout: Layout, start: date, end: date, scale: float) -> None:
    """What both sides need before the first measurement; a part that is there is not made again."""
    before, now = mornings(end)
    base = layout.environment(layout.yesterday, before)
    if not layout.agencies.exists():
        city = [*PREPARE, "city", start.isoformat(), end.isoformat(), str(scale)]
        _call(city, base, "simulating the city")
    with runs.agencies_api(layout, base) as url:
        for part, home, as_of in (("yesterday", layout.yesterday, before),
                                  ("waiting", layout.yesterday, now),
                                  ("today", layout.today, now)):  # fmt: skip
            mark = layout.folder / f"{part}.done"
            if mark.exists():
                continue
            if part == "today":
                shutil.rmtree(layout.delivered, ignore_errors=True)
                runs.copied(layout.yesterday, home)
            _call([*PREPARE, part], layout.environment(home, as_of, url), f"making {part}")
            mark.touch()


def prepare_peer(layout: Layout, before: str) -> None:
    """The peer's tables with their past, and the state that dbt keeps from one day to the next."""
    mark = layout.folder / "peer.done"
    if mark.exists():
        return
    # In the folder in which it will run: dbt parses anew when the build file's path has changed.
    runs.copied(layout.today, layout.work)
    python = str(runs.BENCH / "python")
    environment = layout.environment(layout.work, before)
    load = [python, "-W", "ignore", "-m", "benchmarks.default_pipeline.peer_feed"]
    _call([*load, str(layout.history)], environment, "loading the peer's past")
    (layout.work / "dagster").mkdir(exist_ok=True)
    parse = [python, "-W", "ignore", "-m", "benchmarks.default_pipeline.peer_dbt"]
    _call(parse, environment, "letting dbt parse the project")
    shutil.rmtree(layout.peer, ignore_errors=True)
    layout.work.rename(layout.peer)
    mark.touch()


def counted(home: Path) -> dict[str, str]:
    """A hash of every count of each indicator, as the build file of a home has it.

    Not of Q03, which counts the checks that were run: Dagster checks every feed each day, the day's
    job those that changed, and the peer notes none.
    """
    query = "select * from marts.agg_indicator_counts where indicator_code <> 'Q03' order by all"
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb"), read_only=True) as con:
        lines = con.execute(query).fetchall()
    digests: dict[str, Any] = {}
    for line in lines:
        digests.setdefault(line[0], hashlib.sha256()).update(repr(line).encode())
    return {code: digest.hexdigest() for code, digest in digests.items()}


def run_ours(layout: Layout, as_of: str, through_dagster: bool) -> dict[str, Any]:
    """One day of ours."""
    runs.copied(layout.yesterday, layout.work)
    environment = layout.environment(layout.work, as_of)
    with runs.agencies_api(layout, environment) as url:
        environment = layout.environment(layout.work, as_of, url)
        if through_dagster:
            (layout.work / "dagster").mkdir(exist_ok=True)
            dagster = str(Path(OURS).with_name("dagster"))
            command = [dagster, "job", "execute", "-m", "orchestration.definitions", "-j", "daily"]
        else:
            command = [OURS, "-W", "ignore", "-m", "benchmarks.default_pipeline.ours", "day"]
        taken: dict[str, Any] = runs.timed(command, environment, layout.folder / "ours.log")
    if not through_dagster:
        taken["stages"] = runs.stages_of_ours(taken, runs.lines(layout.work))
    counting = [*PREPARE, "counts"]
    done = subprocess.run(
        counting, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    there = json.loads(done.stdout)
    facts = json.loads(layout.facts.read_text("utf-8"))
    if wrong := {c: there[c] for c, f in facts.items() if there[c] != f["after"]}:
        raise SystemExit(f"ours left other numbers of rows: {wrong}")
    return taken


def run_peer(layout: Layout, as_of: str, lean: bool) -> dict[str, Any]:
    """One day of the peer; `lean` checks each feed in the step that loads it."""
    runs.copied(layout.peer, layout.work)
    environment = layout.environment(layout.work, as_of)
    environment |= {"BENCH_OURS": OURS, "BENCH_CHECKS": "same" if lean else "own"}
    command = [str(runs.BENCH / "dagster"), "job", "execute", "-m"]
    command += ["benchmarks.default_pipeline.peer", "-j", "daily"]
    taken: dict[str, Any] = runs.timed(command, environment, layout.folder / "peer.log")
    steps = runs.lines(layout.work)
    taken["stages"] = runs.stages_of_peer(taken, steps)
    taken["inside"] = runs.inside_feeds(steps)
    facts = json.loads(layout.facts.read_text("utf-8"))
    feeds = {s["name"]: s for s in steps if s["stage"] == "feeds"}
    wrong = [page.difference(code, facts[code], feeds.get(code)) for code in facts]
    if any(wrong):
        raise SystemExit("the peer left other rows: " + "; ".join(w for w in wrong if w))
    return taken


def run(layout: Layout, as_of: str, wanted: dict[str, int]) -> dict[str, list[Any]]:
    """The programs in turns; their counts of the indicators must be the same.

    Each run is noted in the folder: a call that was broken off goes on where it stopped.
    """
    file = layout.folder / "taken.json"
    taken: dict[str, list[Any]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for turn in range(max(wanted.values())):
        for name, times in wanted.items():
            mine = taken.setdefault(name, [])
            if not len(mine) <= turn < times:
                continue
            if name.startswith("peer"):
                one = run_peer(layout, as_of, name == "peer-lean")
            else:
                one = run_ours(layout, as_of, name == "ours-dagster")
            one["counts"] = counted(layout.work)
            mine.append(one)
            first = next(runs[0] for runs in taken.values() if runs)["counts"]
            if apart := {c for c, _ in first.items() ^ one["counts"].items()}:
                raise SystemExit(f"{name} counted otherwise: {', '.join(sorted(apart))}")
            file.write_text(json.dumps(taken), "utf-8")
            print(f"  {turn + 1} {name:12} {one['seconds']:7.1f} s", file=sys.stderr)
    shutil.rmtree(layout.work, ignore_errors=True)
    return {name: taken[name][:times] for name, times in wanted.items()}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--few", type=int, default=1, help="runs of ours-dagster and of peer-lean")
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--folder", type=Path, help="kept and used again, runs included")
    parser.add_argument("--prepare", action="store_true", help="stop before the first measurement")
    parser.add_argument("--start", type=date.fromisoformat, default=date(2025, 10, 1))
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 10, 30))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--report", type=Path, help="its section there; JSON beside it")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    needs_peer = not {"peer", "peer-lean"}.isdisjoint(given.only)
    if needs_peer and not (runs.BENCH / "dagster").exists():
        raise SystemExit("the peer is not installed: scripts/install.sh bench, or --only ours")
    with tempfile.TemporaryDirectory(prefix="fengqiao-day-") as made:
        layout = Layout((given.folder or Path(made)).resolve())
        layout.folder.mkdir(parents=True, exist_ok=True)
        prepare(layout, given.start, given.end, given.scale)
        if needs_peer:
            prepare_peer(layout, mornings(given.end)[0])
        if given.prepare:
            return
        about = report.machine(ROOT)
        wanted = {n: given.few if n in FEW else given.runs for n in given.only}
        taken = run(layout, mornings(given.end)[1], wanted)
        facts = json.loads(layout.facts.read_text("utf-8"))
        result = page.result(about, given.scale, facts, taken)
    text = page.markdown(result)
    if given.report:
        page.write(given.report, text, result)
    else:
        print(text)


if __name__ == "__main__":
    main()
