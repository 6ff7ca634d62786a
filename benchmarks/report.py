"""Measurements into medians, ratios and a page. Nothing here measures."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

WHAT = {
    "copy": "DuckDB, bare `COPY`",
    "append": "ours, append",
    "merge": "ours, keyed, into an empty table",
    "changed": "ours, keyed, every hundredth row corrected",
    "dlt-arrow": "dlt, arrow batches",
    "dlt-start": "dlt, dictionaries: one row",
    "dlt-rows": "dlt, dictionaries",
}


def machine(root: Path) -> dict[str, Any]:
    """The machine before the first measurement, and the commit that is measured."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
        return done.stdout.strip()

    cpu = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in cpu if "model name" in line), "")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model or platform.machine(),
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "commit": git("show", "-s", "--format=%h of %cs", "HEAD"),
        "changed_since": bool(git("status", "--porcelain", "ingestion", "benchmarks")),
    }


def result(
    about: dict[str, Any], rows: int, size: int, taken: dict[str, list[Any]]
) -> dict[str, Any]:
    """Everything measured, with the medians and how many times longer than ours each one took."""
    versions: dict[str, str] = {}
    medians: dict[str, Any] = {}
    for name, runs in taken.items():
        for one in runs:
            versions |= one.pop("versions")
        if runs:
            medians[name] = {key: median(r[key] for r in runs) for key in runs[0]}
    # Some are measured on fewer rows: in proportion, without multiplying what is needed once.
    found = {}
    for name, values in medians.items():
        once = medians["dlt-start"]["seconds"] if name == "dlt-rows" else 0.0
        found[name] = once + (values["seconds"] - once) * rows / values["rows"]
    if "dlt-rows" in found:
        medians["dlt-rows"]["seconds_of_all_rows"] = found["dlt-rows"]
    pairs = {"append": "copy", "merge": "copy", "dlt-arrow": "append", "dlt-rows": "append"}
    ratios = {
        f"{above} / {below}": found[above] / found[below]
        for above, below in pairs.items()
        if above in found and below in found
    }
    return {
        "machine": about,
        "versions": dict(sorted(versions.items())),
        "csv": {"rows": rows, "columns": 15, "bytes": size},
        "medians": medians,
        "ratios": ratios,
        "runs": taken,
    }


def _line(name: str, values: dict[str, Any], runs: list[Any]) -> str:
    seconds = [r["seconds"] for r in runs]
    cells = (
        WHAT[name],
        f"{values['rows']:,.0f}" if name != "changed" else f"{values['rows'] // 100:,.0f}",
        str(len(runs)),
        f"{values['seconds']:.2f} ({min(seconds):.2f}-{max(seconds):.2f})",
        f"{values['cpu_seconds']:.2f}",
        f"{values['process_seconds']:.2f}",
        f"{values['peak_mib']:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _ratios(done: dict[str, Any]) -> list[str]:
    """The promises, each beside what was measured."""
    found, rows = done["ratios"], done["csv"]["rows"]
    asked = {
        "append / copy": ("appending takes", "times the bare `COPY`", "at most 2.0"),
        "merge / copy": (
            "keyed, into an empty table, takes",
            "times the bare `COPY`, in proportion",
            None,
        ),
        "dlt-rows / append": (
            "dlt's dictionaries take",
            "times our append, in proportion",
            "at least 10",
        ),
        "dlt-arrow / append": ("dlt's arrow batches take", "times our append", "more than 1"),
    }
    lines = [
        f"- {before} **{found[key]:.2f}** {after}" + (f" (promised: {goal})" if goal else "")
        for key, (before, after, goal) in asked.items()
        if key in found
    ]
    if "append" in done["medians"]:
        peak = max(r["peak_mib"] for r in done["runs"]["append"])
        lines.append(
            f"- appending {rows:,} rows needs at most **{peak:,.0f} MiB** (promised: under 2 GB, "
            "which is 1,907 MiB)"
        )
    return lines


def markdown(done: dict[str, Any]) -> str:
    """The page."""
    m, csv = done["machine"], done["csv"]
    versions = ", ".join(f"{name} {number}" for name, number in done["versions"].items())
    since = ", with changes not committed" if m["changed_since"] else ""
    lines = [
        "# Benchmarks",
        "Written by `make bench`, never by hand; every single run is in the JSON file of the same "
        "name beside this page. How it is measured: [benchmarks/](../benchmarks/README.md).",
        "",
        "## A large CSV into the lake",
        f"{csv['rows']:,} rows, {csv['columns']} columns, {csv['bytes'] / 1e6:,.0f} MB. Ours "
        "includes the hash, the encrypted archive, every rule of the contract on every row, one "
        "atomic Delta commit and the receipt; the others read and write. Medians; in brackets "
        "the fastest and the slowest run. The promises are made for ten million rows.",
        "",
        "| program | rows | runs | seconds | CPU s | whole process s | peak MiB |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *(_line(name, v, done["runs"][name]) for name, v in done["medians"].items()),
        "",
        *_ratios(done),
        "",
    ]
    if rows := done["medians"].get("dlt-rows"):
        lines += [
            f"dlt's dictionaries were measured on {rows['rows']:,.0f} rows. In proportion, "
            f"{csv['rows']:,} rows are {rows['seconds_of_all_rows']:,.1f} s: what one row takes is "
            "counted once, only the rest is multiplied. That is arithmetic, not a measurement.",
            "",
        ]
    lines += [
        f"Machine: {m['cores']} cores ({m['processor']}), {m['memory_gib']} GiB, {m['system']}; "
        f"load before the first run {m['load_before']}. Python {m['python']}, {versions}. "
        f"Commit {m['commit']}{since}.",
    ]
    return "\n".join(lines) + "\n"


def with_section(page: str, section: str) -> str:
    """`page` with `section` in the place of its own of the same heading, or at its end."""
    heading = section.splitlines()[0]
    parts = re.split(r"(?m)^(?=## )", page.rstrip("\n") + "\n")
    kept = [p.rstrip("\n") + "\n" for p in parts]
    names = [p.splitlines()[0] for p in kept]
    if heading in names:
        kept[names.index(heading)] = section
    else:
        kept.append(section)
    return "\n".join(kept)


def beside(page: str, old: str) -> str:
    """`page` and, after its own sections, those of `old` that other programs have written."""
    own = {p.splitlines()[0] for p in re.split(r"(?m)^(?=## )", page)}
    for part in re.split(r"(?m)^(?=## )", old):
        if part.startswith("## ") and part.splitlines()[0] not in own:
            page = with_section(page, part)
    return page
