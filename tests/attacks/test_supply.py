"""A planted key is found, a known vulnerability is not passed over, silence is no clean bill."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = ROOT / ".venv" / "lint" / "bin" / "python"
# Put together here, or the scan of this repository would find them.
PLANTED = {
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\n",
    "AWS Access Key": "key = AKIA" + "IOSFODNN7EXAMPLQ\n",
    "GitHub Token": "token: ghp_" + "a1B2" * 9 + "\n",
    "Secret Keyword": "pass" + 'word = "Sh4o-xing-2026-real"\n',
    "age key": "AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2 + "\n",
}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_key_is_found_and_not_repeated(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "settings.py"
    file.write_text("first = 1\n" + PLANTED[kind], "utf-8")
    command = [str(LINT), str(ROOT / "scripts" / "secret_scan.py"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert f"settings.py:2: {kind}" in done.stdout
    secret = PLANTED[kind].split()[-1].strip('"')
    assert secret not in done.stdout + done.stderr


def test_a_file_without_a_key_passes(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text("folder = 'smtp'\ndigest = '" + "ab12" * 16 + "'\n", "utf-8")
    command = [str(LINT), str(ROOT / "scripts" / "secret_scan.py"), str(file)]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_every_exemption_says_why_and_names_a_file_that_is_there() -> None:
    with (ROOT / "scripts" / "secret_exemptions.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert all(r["reason"] and (ROOT / r["file"]).is_file() for r in rows)


def flaw(**change: Any) -> dict[str, Any]:
    """A report in pip-audit's form: one package with a flaw, one of which nobody knows."""
    found = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"], **change}
    return {
        "dependencies": [
            {"name": "thing", "version": "1.0", "vulns": [found]},
            {"name": "other", "skip_reason": "Dependency not found"},
        ],
        "fixes": [],
    }


@pytest.mark.parametrize(
    ("until", "answered"),
    [(None, False), ("2026-10-30", False), ("2026-10-31", True), ("2027-01-01", True)],
)
def test_a_vulnerability_is_borne_until_its_day_and_not_longer(
    tmp_path: Path, until: str | None, answered: bool
) -> None:
    audit = script("audit")
    file = tmp_path / "vulnerabilities.csv"
    lines = [f"thing,CVE-2026-1,not reached,{until}"] if until else []
    file.write_text("\n".join(["package,id,reason,until", *lines, ""]), "utf-8")
    told = audit.unanswered(flaw(), audit.exemptions(file), date(2026, 10, 31))
    assert (told == []) is answered
    assert answered or "thing 1.0: PYSEC-2026-1, mended in 2.0" in told[0]


def test_an_exemption_without_a_reason_is_none(tmp_path: Path) -> None:
    file = tmp_path / "vulnerabilities.csv"
    file.write_text("package,id,reason,until\nthing,CVE-2026-1,,2027-01-01\n", "utf-8")
    with pytest.raises(SystemExit, match="no reason"):
        script("audit").exemptions(file)


def test_a_package_of_which_nobody_knows_counts_as_not_asked() -> None:
    """pip-audit ends with 0 and "no known vulnerabilities" where it could ask about none."""
    report = flaw()
    report["dependencies"] = report["dependencies"][1:]
    assert script("audit").asked(report) == []


def test_the_audit_speaks_even_where_nobody_answers() -> None:
    command = [str(LINT), str(ROOT / "scripts" / "audit.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert "asked" in done.stdout
    assert done.returncode == (1 if "mended in" in done.stdout else 0), done.stdout


def test_the_bill_of_materials_names_what_is_installed(tmp_path: Path) -> None:
    out = tmp_path / "docs.cdx.json"
    python = ROOT / ".venv" / "lint" / "bin" / "python"
    command = [str(LINT.with_name("cyclonedx-py")), "environment", "--output-reproducible"]
    subprocess.run([*command, "--of", "JSON", "-o", str(out), str(python)], check=True)
    bill = json.loads(out.read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    named = {(c["name"].lower().replace("_", "-"), c["version"]) for c in bill["components"]}
    pinned = (ROOT / "requirements" / "lint.txt").read_text().split()
    lacking = {tuple(line.split("==")) for line in pinned} - {
        (name.replace(".", "-"), version) for name, version in named
    }
    assert lacking == set()
    assert all(c.get("purl", "").startswith("pkg:pypi/") for c in bill["components"])
