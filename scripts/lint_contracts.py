"""Whether an outside tool, datacontract, accepts our contracts, or those that are named.

Usage: .venv/lint/bin/python scripts/lint_contracts.py [FILE...]. Exit 1 if one is refused; each is
told by its path and the tool's reasons. It is what `datacontract lint FILE` does, in one process
for all files: the tool takes two seconds to start and a tenth of one for a contract.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datacontract.data_contract import DataContract
from datacontract.model.run import ResultEnum

CONTRACTS = Path(__file__).resolve().parents[1] / "ingestion" / "contracts"
# What the tool's own command ends with 1 for is the rest.
ACCEPTED = {ResultEnum.passed, ResultEnum.warning, ResultEnum.skipped, ResultEnum.unknown}


def refused(file: Path) -> list[str]:
    """The tool's reasons against a contract; empty where it accepts it."""
    run = DataContract(data_contract_file=str(file)).lint()
    if run.result in ACCEPTED:
        return []
    against = [check for check in run.checks if check.result not in ACCEPTED]
    return [f"{check.name}: {check.reason}" for check in against] or [str(run.result)]


def main(named: list[str]) -> int:
    """Look at every file; 1 if one is refused or there is none to look at."""
    files = [Path(name) for name in named] or sorted(CONTRACTS.rglob("*.odcs.yaml"))
    faults = [f"{file}: {reason}" for file in files for reason in refused(file)]
    print(*faults, f"contracts: {len(files)} files, {len(faults)} faults", sep="\n")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
