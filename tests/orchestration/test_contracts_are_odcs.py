"""An outside tool, which knows nothing of us, accepts every contract."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ingestion.contract.load import FOLDER
from tests.orchestration.conftest import ROOT

LINT = Path(
    os.environ.get("FENGQIAO_DATACONTRACT", ROOT / ".venv" / "lint" / "bin" / "datacontract")
)


@pytest.mark.parametrize("contract", sorted(FOLDER.glob("*.odcs.yaml")), ids=lambda p: p.stem)
def test_datacontract_lint_accepts(contract: Path) -> None:
    done = subprocess.run([str(LINT), "lint", str(contract)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_datacontract_lint_is_not_blind(tmp_path: Path) -> None:
    broken = tmp_path / "broken.odcs.yaml"
    text = sorted(FOLDER.glob("*.odcs.yaml"))[0].read_text("utf-8")
    broken.write_text(text.replace("kind: DataContract", "kind: Something"), "utf-8")
    done = subprocess.run([str(LINT), "lint", str(broken)], capture_output=True, text=True)
    assert done.returncode != 0
