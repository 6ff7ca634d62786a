"""The notebooks run on a published city, and what they assert holds: they agree with the pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
JUPYTER = ROOT / ".venv" / "notebooks" / "bin" / "jupyter"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_a_snapshot_and_its_assertions_hold(
    notebook: Path, city: Path, tmp_path: Path
) -> None:
    snapshot = tmp_path / "bench-police.duckdb"
    shutil.copyfile(city / "data" / "serving" / "bench-police.duckdb", snapshot)
    snapshot.chmod(0o400)
    done = subprocess.run(
        [str(JUPYTER), "execute", str(notebook), "--output", str(tmp_path / "done.ipynb")],
        env={**os.environ, "FENGQIAO_BENCH": str(snapshot)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads((tmp_path / "done.ipynb").read_text("utf-8"))
    outputs = [o for c in said["cells"] for o in c.get("outputs", [])]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 2
    # A missing glyph is a box in a chart's title.
    assert not [o for o in outputs if "missing from font" in str(o.get("text", ""))]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not [c for c in code if c["outputs"] or c["execution_count"]]
    assert len([c for c in code if "assert " in "".join(c["source"])]) >= 3
