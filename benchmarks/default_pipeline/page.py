"""Measurements of the day into medians, ratios and a section of a page. Nothing here measures."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import with_section

TITLE = "The day's job beside the same pipeline put together from defaults"
PROMISED = 5
PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pandas", "polars")
WHAT = {
    "ours": "ours, `fengqiao run`",
    "ours-dagster": "ours, Dagster's job `daily`",
    "peer": "defaults",
    "peer-lean": "defaults, load and check in one step",
}
STAGES = {
    "feeds": "deliver and check",
    "dbt": "dbt",
    "pages": "judge and publish",
    "dagster": "Dagster's own process",
}
INSIDE = {
    "start_s": "starting the process, Dagster's imports",
    "import_s": "importing dlt and pandas",
    "read_s": "reading with pandas",
    "dlt_s": "dlt",
    "gx_s": "GX, its import included",
}


def difference(code: str, facts: dict[str, Any], step: dict[str, Any] | None) -> str:
    """What the peer left otherwise than ours for a feed; empty if nothing.

    Both must read the same number of rows. The peer refuses nothing and deletes nothing, so its
    table must have grown by what ours inserted and at most by what ours refused. Where ours keeps
    a token for the key, the past has tokens and the day has not: there only what was read counts.
    """
    if step is None:
        return f"{code} was not run"
    if step["rows"] != facts["rows"]:
        return f"{code}: {step['rows']} rows read instead of {facts['rows']}"
    grown = step["after"] - facts["before"]
    least, most = facts["inserted"], facts["inserted"] + facts["quarantined"]
    if not facts["tokenised_key"] and not least <= grown <= most:
        return f"{code}: grown by {grown} instead of {least} to {most}"
    return ""


def result(
    about: dict[str, Any], scale: float, facts: dict[str, Any], taken: dict[str, list[Any]]
) -> dict[str, Any]:
    """Everything measured, with medians and how many times ours the peer takes."""
    medians: dict[str, Any] = {}
    for name, runs in taken.items():
        keys = ("seconds", "cpu_seconds", "peak_mib")
        medians[name] = {key: median(r[key] for r in runs) for key in keys}
        if stages := runs[0].get("stages"):
            medians[name]["stages"] = {
                stage: {k: median(r["stages"][stage][k] for r in runs) for k in numbers}
                for stage, numbers in stages.items()
            }
        if inside := runs[0].get("inside"):
            medians[name]["inside"] = {k: median(r["inside"][k] for r in runs) for k in inside}
    ratios = {
        f"{peer} / {name}": {k: medians[peer][k] / medians[name][k] for k in keys}
        for peer in ("peer", "peer-lean")
        for name in ("ours", "ours-dagster")
        if peer in medians and name in medians
    }
    return {
        "machine": about,
        "versions": {name: version(name) for name in PACKAGES},
        "scale": scale,
        "feeds": len(facts),
        "rows": sum(f["rows"] for f in facts.values()),
        "rows_there": sum(f["before"] for f in facts.values()),
        "indicators": next(len(runs[0]["counts"]) for runs in taken.values() if runs),
        "medians": medians,
        "ratios": ratios,
        "runs": {n: [{k: r[k] for k in r if k != "counts"} for r in rs] for n, rs in taken.items()},
    }


def _line(name: str, values: dict[str, Any], runs: list[Any]) -> str:
    seconds = [r["seconds"] for r in runs]
    cells = (
        WHAT[name],
        str(len(runs)),
        f"{values['seconds']:.1f} ({min(seconds):.1f}-{max(seconds):.1f})",
        f"{values['cpu_seconds']:.1f}",
        f"{values['peak_mib']:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _stage(stage: str, ours: dict[str, Any], peer: dict[str, Any]) -> str:
    mine, theirs = ours.get(stage), peer[stage]
    if mine is None:
        return f"| {STAGES[stage]} | | | | | {theirs['cpu_seconds']:.1f} | |"
    cells = (
        STAGES[stage],
        f"{mine['seconds']:.1f}",
        f"{theirs['seconds']:.1f}",
        f"{theirs['seconds'] / mine['seconds']:.1f}",
        f"{mine['cpu_seconds']:.1f}",
        f"{theirs['cpu_seconds']:.1f}",
        f"{theirs['cpu_seconds'] / mine['cpu_seconds']:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _compared(done: dict[str, Any]) -> list[str]:
    return [
        f"The day {done['feeds']} feeds deliver, {done['rows']:,} rows, on tables that hold "
        f"{done['rows_there']:,} rows (city of scale {done['scale']:g}). Ours delivers, checks, "
        "runs dbt, judges and publishes. The defaults: an asset per feed that has something, each "
        "a process of Dagster's multiprocess executor, which reads with pandas, merges by key with "
        "dlt into DuckDB, and an asset check for each that runs GX on pandas over the day's rows; "
        "then `dbt build` of the same project as a subprocess, and our judging and publishing. A "
        "run that reads another number of rows, leaves other rows, or counts an indicator "
        "otherwise ends the benchmark; "
        f"the counts of {done['indicators']} indicators were the same in every run.",
    ]


def _numbers(done: dict[str, Any]) -> list[str]:
    medians = done["medians"]
    lines = [
        "Whole processes, imports included. CPU and memory are those of all processes of a run "
        "together (memory: proportional set size, sampled). Medians; in brackets the fastest and "
        "the slowest run.",
        "",
        "| program | runs | seconds | CPU s | peak MiB |",
        "|---|--:|--:|--:|--:|",
        *(_line(name, v, done["runs"][name]) for name, v in medians.items()),
        "",
    ]
    for pair, found in done["ratios"].items():
        peer, name = pair.split(" / ")
        promised = f" (promised: at least {PROMISED})" if pair == "peer / ours" else ""
        lines.append(
            f"- {WHAT[peer]}: **{found['seconds']:.2f}** times {WHAT[name]}{promised}, "
            f"{found['cpu_seconds']:.1f} times its CPU, {found['peak_mib']:.1f} times its memory"
        )
    if {"ours", "peer"} <= medians.keys():
        stages, theirs = medians["ours"]["stages"], medians["peer"]["stages"]
        lines += [
            "",
            "| stage | ours s | defaults s | times | ours CPU s | defaults CPU s | times |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *(_stage(stage, stages, theirs) for stage in STAGES),
        ]
    if "peer" in medians:
        inside = medians["peer"]["inside"]
        spent = "; ".join(f"{words} {inside[key]:.0f} s" for key, words in INSIDE.items())
        lines += [
            "",
            f"Where the defaults' {inside['processes']:.0f} feed processes spent their time, added "
            f"up (two run at a time here): {spent}.",
        ]
    return lines


NOT_DONE = (
    "It has no archive and encrypts nothing, keeps personal columns out only because it was given "
    "a list, makes no tokens, no receipts, no quarantine and no workbook of refused rows, keeps no "
    "history of versions, holds no lock and never looks whether a delivery came before.",
    "It asks no API, database or stream: what ours pulled lies before it as files, opened where "
    "they were sealed. F12 and F14, which need an L4 zone, and the zones' dbt runs are left out.",
    "It checks the day's rows only (not empty, unique, known codes); ours checks every row's rules "
    "at the door and the whole tables for keys, conservation, freshness, volume and codes.",
    "Its dbt reads our tables, so it conforms nothing for them; seeds are not loaded again.",
    "Each of these is work that ours does within its time.",
)


def markdown(done: dict[str, Any]) -> str:
    """The section: what was compared, the numbers, what the peer does not do."""
    m = done["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in done["versions"].items())
    since = ", with changes not committed" if m["changed_since"] else ""
    lines = [
        f"## {TITLE}",
        *_compared(done),
        "",
        *_numbers(done),
        "",
        "What the defaults do not do:",
        "",
        *(f"- {line}" for line in NOT_DONE),
        "",
        f"Machine: {m['cores']} cores ({m['processor']}), {m['memory_gib']} GiB, {m['system']}; "
        f"load before the first run {m['load_before']}. Python {m['python']}, {versions}, "
        f"dlt as in requirements/bench.txt. Commit {m['commit']}{since}. Again: "
        "`python -m benchmarks.day --runs 3`.",
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str, done: dict[str, Any]) -> None:
    """Put the section into the page, and every run into JSON beside it."""
    old = path.read_text("utf-8") if path.exists() else "# Benchmarks\n"
    path.write_text(with_section(old, text), "utf-8")
    beside = path.with_name(f"{path.stem}-day.json")
    beside.write_text(json.dumps(done, ensure_ascii=False, indent=1) + "\n", "utf-8")
