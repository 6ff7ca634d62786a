"""An outside tool, which knows nothing of us, accepts every contract."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ingestion.contract.load import FOLDER
from tests.orchestration.conftest import ROOT

LINT = Path(
    os.environ.get("FENGQIAO_DATACONTRACT", ROOT / ".venv" / "lint" / "bin" / "datacontract")
)


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    """What `make lint` runs; the repository's own contracts if none is named."""
    command = [str(LINT.with_name("python")), "scripts/lint_contracts.py", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_datacontract_lint_accepts_every_contract() -> None:
    done = lint()
    assert done.returncode == 0, done.stdout + done.stderr
    contracts = [*FOLDER.rglob("*.odcs.yaml")]
    assert len(contracts) > 80
    assert done.stdout.strip() == f"contracts: {len(contracts)} files, 0 faults"


def test_datacontract_lint_is_not_blind_and_names_the_broken_one(tmp_path: Path) -> None:
    """The tool's own command says the same of both."""
    good = sorted(FOLDER.glob("*.odcs.yaml"))[0]
    broken = tmp_path / "broken.odcs.yaml"
    text = good.read_text("utf-8")
    assert "kind: DataContract" in text
    broken.write_text(text.replace("kind: DataContract", "kind: Something"), "utf-8")
    done = lint(good, broken)
    assert done.returncode == 1
    told = done.stdout.strip().splitlines()
    assert told[0].startswith(f"{broken}: ")
    assert not any(str(good) in line for line in told)
    for file, code in ((good, 0), (broken, 1)):
        alone = subprocess.run([str(LINT), "lint", str(file)], capture_output=True, text=True)
        assert alone.returncode == code, alone.stdout
