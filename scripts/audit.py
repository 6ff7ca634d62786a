"""Ask whether a pinned package has a known vulnerability. Exit 1 for one that nobody answers for.

Usage: .venv/lint/bin/python scripts/audit.py. pip-audit asks the registry that pip is set to. A
network without such a service is no failure, and says so: "not asked". A vulnerability that is
borne stands in `requirements/vulnerabilities.csv` with a reason and the day its patience ends.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
EXEMPTIONS = REQUIREMENTS / "vulnerabilities.csv"
# The shortest list goes first: where nothing is known of it, nobody is asked about the others.
FIRST = "installer.txt"
LIMIT_S = 50
Report = dict[str, Any]


def ask(file: Path) -> Report | None:
    """pip-audit's report of a list of pinned packages; None when nobody answered."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--no-deps", "--disable-pip"]
    command += ["-r", str(file), "-f", "json", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
        report: Report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return report if asked(report) else None


def asked(report: Report) -> list[dict[str, Any]]:
    """The packages of which the service knew something."""
    return [d for d in report["dependencies"] if "skip_reason" not in d]


def exemptions(file: Path) -> dict[tuple[str, str], date]:
    """(package, vulnerability) → the day until which it is borne."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    without = [r["id"] for r in rows if not r["reason"]]
    if without:
        raise SystemExit(f"{file.name}: no reason for {', '.join(without)}")
    return {(r["package"], r["id"]): date.fromisoformat(r["until"]) for r in rows}


def unanswered(report: Report, known: dict[tuple[str, str], date], today: date) -> list[str]:
    """One line for each vulnerability that is not exempt, or not any more."""
    lines = []
    for package in asked(report):
        for flaw in package["vulns"]:
            names = [flaw["id"], *flaw.get("aliases", ())]
            until = max(known.get((package["name"], n), date.min) for n in names)
            if until >= today:
                continue
            fixed = ", ".join(flaw.get("fix_versions", ())) or "no version"
            over = "" if until == date.min else f"; exempt until {until}"
            what = f"{package['name']} {package['version']}: {flaw['id']}"
            lines.append(f"{what}, mended in {fixed}{over}")
    return lines


def main() -> int:
    known, today = exemptions(EXEMPTIONS), datetime.now(UTC).date()
    files = sorted(REQUIREMENTS.glob("*.txt"), key=lambda f: (f.name != FIRST, f.name))
    wrong: list[str] = []
    for file in files:
        report = ask(file)
        if report is None:
            print(f"audit: {file.name}: not asked: no answer from a vulnerability service")
            if file.name == FIRST:
                print("audit: not asked: the other lists neither; ask where the service is reached")
                return 0
            continue
        lines = unanswered(report, known, today)
        wrong += [f"{file.name}: {line}" for line in lines]
        n, all_n = len(asked(report)), len(report["dependencies"])
        print(f"audit: {file.name}: asked about {n} of {all_n} packages, {len(lines)} unanswered")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
