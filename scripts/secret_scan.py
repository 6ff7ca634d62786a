"""Look for keys, tokens and passwords in the files of this repository, or in the files named.

Usage: .venv/lint/bin/python scripts/secret_scan.py [FILE...]. Exit 1 if one is found; it is told by
file, line and kind, never by its value. What is no secret stands in `secret_exemptions.csv` with
a reason. detect-secrets does the looking, without its two entropy detectors: digests and
identifiers are what this repository is full of. age keys, which it does not know, are ours.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOOK = Path(sys.executable).with_name("detect-secrets-hook")
BINARY = {".png", ".parquet", ".xlsx", ".pdf", ".ttf", ".woff2"}
# Open data of somebody else, 2 MB that nobody writes keys into.
ELSEWHERE = "simulation/samples/"
_NO_ENTROPY = ("Base64HighEntropyString", "HexHighEntropyString")
_AGE = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{20,}")
PROCESSES = 2
Found = tuple[str, int, str, str]  # file, line, kind, hash of the value


def tracked() -> list[str]:
    """Every file of the repository, and those that would be added next."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=HERE.parent, capture_output=True, check=True, text=True)
    return sorted({f for f in listed.stdout.split("\0") if f})


def _known_kinds(files: list[str]) -> list[Found]:
    disabled = [a for name in _NO_ENTROPY for a in ("--disable-plugin", name)]
    done = subprocess.run(
        [str(HOOK), "--json", *disabled, *files], cwd=HERE.parent, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"detect-secrets failed: {done.stderr.strip()[-500:]}")
    results = json.loads(done.stdout)["results"] if done.stdout.strip() else {}
    return [
        (file, hit["line_number"], hit["type"], hit["hashed_secret"])
        for file, hits in results.items()
        for hit in hits
    ]


def _age_keys(file: str) -> list[Found]:
    text = (HERE.parent / file).read_text("utf-8", errors="replace")
    return [
        (file, text.count("\n", 0, match.start()) + 1, "age key", "")
        for match in _AGE.finditer(text)
    ]


def _is_read(file: str) -> bool:
    return (
        Path(file).suffix not in BINARY
        and not file.startswith(ELSEWHERE)
        and (HERE.parent / file).is_file()
    )


def scan(files: list[str]) -> list[Found]:
    """What looks like a secret and is not exempt, by file and line."""
    read = [f for f in files if _is_read(f)]
    parts = [part for n in range(PROCESSES) if (part := read[n::PROCESSES])]
    with ThreadPoolExecutor(PROCESSES) as pool:
        found = [hit for hits in pool.map(_known_kinds, parts) for hit in hits]
    found += [hit for file in read for hit in _age_keys(file)]
    with (HERE / "secret_exemptions.csv").open(encoding="utf-8", newline="") as lines:
        exempt = {(r["file"], r["kind"], r["hash"]) for r in csv.DictReader(lines) if r["reason"]}
    return sorted(f for f in found if (f[0], f[2], f[3]) not in exempt)


def main() -> int:
    files = sys.argv[1:] or tracked()
    found = scan(files)
    for file, line, kind, hashed in found:
        print(f"{file}:{line}: {kind} (hash {hashed or '–'})")
    print(f"secrets: {len(files)} files, {len(found)} found", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
