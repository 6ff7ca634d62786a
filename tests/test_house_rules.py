"""Rules of the house that a machine can see."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What each room may import (architecture, "Rooms").
MAY_IMPORT = {
    "ingestion": {"ingestion"},
    "quality": {"ingestion", "quality"},
    "dashboards": {"ingestion", "dashboards"},
    "simulation": {"ingestion", "simulation"},
    "orchestration": {"ingestion", "quality", "dashboards", "simulation", "orchestration"},
    "benchmarks": {"ingestion", "simulation", "dashboards", "orchestration", "benchmarks"},
}
_CLOCKS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
_SQL_CLOCKS = re.compile(r"\b(now\s*\(|current_date|current_timestamp|getdate|today\s*\()", re.I)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def ours() -> list[Path]:
    return [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in MAY_IMPORT]


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (n.split(".")[0] for n in names if n.split(".")[0] in MAY_IMPORT)


def test_imports_go_one_way() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {room}"
        for path in ours()
        for room in imported_rooms(path)
        if room not in MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    ]
    assert wrong == []


def test_there_is_one_clock() -> None:
    home = ROOT / "ingestion" / "clock.py"
    python = [p for p in ours() if p != home and _CLOCKS.search(p.read_text("utf-8"))]
    sql = [
        p
        for p in tracked("*.sql")
        if _SQL_CLOCKS.search(re.sub(r"--.*|\{#.*?#\}", "", p.read_text("utf-8"), flags=re.S))
    ]
    assert [str(p.relative_to(ROOT)) for p in python + sql] == []


def test_a_module_fits_a_head() -> None:
    long = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in ours()}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_no_machine_path_and_no_registry_is_named() -> None:
    forbidden = re.compile(
        "|".join(
            ("/wor" + "k/", "index" + "-url", "pypi" + r"\.org", "file" + "s.python" + "hosted")
        )
    )
    found = []
    for path in tracked():
        if path.suffix in {".png", ".xlsx", ".parquet"}:
            continue
        if forbidden.search(path.read_text("utf-8", errors="replace")):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_page_specifications_are_short() -> None:
    pages = tracked("dashboards/pages/*.yaml")
    assert len(pages) >= 3
    assert {p.name: n for p in pages if (n := len(p.read_text("utf-8").splitlines())) >= 80} == {}
