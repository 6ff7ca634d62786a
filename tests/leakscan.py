"""Finds personal data in a data home: `python -m tests.leakscan HOME --names FILE`.

Looked for: resident IDs (18 characters, MOD 11-2, a real date, a province of GB/T 2260), mobile
numbers (whole runs of 11 digits), the simulation's sentinel names, pseudonyms as their source
gave them (they must be tokenised once more), and, where a test names them, the tokens that may
not leave an L4 zone. Looked at: Parquet, DuckDB and SQLite tables, xlsx, gzip, zip, and every
other file as text (JSON and HTML also unescaped).
A file is passed over only when it is age-encrypted or a picture, by its first bytes.
A finding says where and what kind, never the value.
"""

from __future__ import annotations

import argparse
import gzip
import html
import io
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
# A decimal fraction (0.16012345678) is no telephone; a number read as 16012345678.0 is one.
MOBILE = re.compile(r"(?<!\d)(?<!\d\.)1[3-9]\d{9}(?!\d)")
# Pseudonyms of simulated sources (patients, young people, mediators) bear a mark.
RAW_TOKEN = re.compile(r"SIMTOKEN[0-9A-F]{24}")
TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
HINT = r"\d{17}[\dXx]|1[3-9]\d{9}|SIMTOKEN"
# Eleven digits inside a digest or a UUID are chance, not a number (crime IDs, content hashes).
DIGEST = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{32,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"(?![0-9A-Za-z])"
)
# GB/T 2260, first two digits: last province of each region, counted from x1 (11-15, 21-23, …).
REGIONS = {1: 5, 2: 3, 3: 7, 4: 6, 5: 4, 6: 5, 7: 1, 8: 2, 9: 1}
PROVINCES = frozenset(f"{r}{i}" for r, n in REGIONS.items() for i in range(1, n + 1)) | {"50"}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
GB32100 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PASSED_OVER = (b"age-encryption.org/v1", b"\x89PNG", b"\xff\xd8\xff", b"wOF2", b"wOFF")


@dataclass(frozen=True)
class Leak:
    """One place that holds one kind of personal data."""

    path: str
    where: str  # column, table.column, member of an archive, or "text"
    kind: str  # resident_id | mobile | name | raw_token | zone_token
    count: int


def is_resident_id(text: str) -> bool:
    """Check digit (GB 11643), a date that exists and is past, a province."""
    if text[:2] not in PROVINCES:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= 2030:
        return False
    total = sum(int(c) * w for c, w in zip(text, WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17].upper()


def is_credit_code(text: str) -> bool:
    """A valid GB 32100 organisation code, which may be all digits like a resident ID."""
    if any(c not in GB32100 for c in text):
        return False
    total = sum(GB32100.index(c) * pow(3, i, 31) for i, c in enumerate(text[:17]))
    return GB32100[(31 - total % 31) % 31] == text[17]


def unescaped(text: str) -> str:
    """JSON's \\uXXXX as characters."""
    if "\\u" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


class Scanner:
    """Scans one home for the given names, and for the given tokens of L4 zones."""

    def __init__(
        self,
        names: list[str],
        organisation_columns: frozenset[str] = frozenset(),
        mixed_columns: frozenset[str] = frozenset(),
        zone_tokens: frozenset[str] = frozenset(),
    ):
        self.names = names
        self.zone_tokens = zone_tokens
        self.hint = f"{HINT}|[0-9a-f]{{64}}" if zone_tokens else HINT
        self.organisation_columns = organisation_columns
        self.mixed_columns = mixed_columns
        tails = {n[1:] for n in names}
        # one character class pair instead of thousands of alternatives, confirmed afterwards
        first, second = "".join({t[0] for t in tails}), "".join({t[1:2] for t in tails})
        self.name_hint = re.compile(f"[{first}][{second}]") if names else None
        self.known = frozenset(names)
        self.length = {len(n) for n in names}

    def kinds(self, text: str, organisation: str = "") -> dict[str, int]:
        """How many of each kind a text holds.

        `organisation` is the first characters of valid credit codes that may stand there: any
        ("0123456789" and letters) in a column of organisations, 9 (the register of companies) in
        one that holds persons and companies.
        """
        found = {"raw_token": len(RAW_TOKEN.findall(text)), "name": 0}
        found["zone_token"] = sum(t in self.zone_tokens for t in TOKEN.findall(text))
        text = DIGEST.sub("#", text)
        ids = [m for m in ID.findall(text) if is_resident_id(m)]
        ids = [m for m in ids if not (m[0] in organisation and is_credit_code(m))]
        found |= {"resident_id": len(ids), "mobile": len(MOBILE.findall(text))}
        if self.name_hint:
            for hit in self.name_hint.finditer(text):
                start = hit.start() - 1
                if start >= 0 and text[start : hit.end()] in self.known:
                    found["name"] += 1
        return {k: n for k, n in found.items() if n}

    def column(self, values: pl.Series) -> dict[str, int]:
        """The kinds in one column; whole numbers count as text."""
        if values.dtype.is_nested() or values.dtype == pl.Binary:
            text = pl.Series([repr(v) for v in values.drop_nulls().to_list()], dtype=pl.String)
        else:
            text = values.cast(pl.String, strict=False).drop_nulls()
        text = text.unique()
        hint = text.str.contains(self.hint)
        if self.name_hint:
            hint = hint | text.str.contains(self.name_hint.pattern)
        hits = text.filter(hint)
        legal = GB32100 if values.name in self.organisation_columns else ""
        legal = legal or ("9" if values.name in self.mixed_columns else "")
        return self.kinds("\n".join(hits.to_list()), legal)

    def frame(self, table: pl.DataFrame, prefix: str = "") -> Iterator[tuple[str, str, int]]:
        for series in table:
            if series.dtype.is_temporal() or series.dtype == pl.Boolean or series.dtype.is_float():
                continue
            for kind, count in self.column(series).items():
                yield f"{prefix}{series.name}", kind, count

    def text(self, raw: bytes) -> Iterator[tuple[str, str, int]]:
        """A file read as text: as it stands, and with JSON and HTML escapes undone."""
        text = raw.decode("utf-8", "replace")
        forms = {text, html.unescape(text), unescaped(text), raw.decode("gb18030", "replace")}
        best: dict[str, int] = {}
        for form in forms:
            for kind, count in self.kinds(form).items():
                best[kind] = max(best.get(kind, 0), count)
        for kind, count in best.items():
            yield "text", kind, count

    def parquet(self, path: Path) -> Iterator[tuple[str, str, int]]:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches(batch_size=500_000):
            yield from self.frame(pl.DataFrame(pl.from_arrow(batch)))
        metadata = file.schema_arrow.metadata or {}
        yield from self.text(b"\n".join(metadata.values()))

    def duckdb(self, path: Path) -> Iterator[tuple[str, str, int]]:
        with duckdb.connect(str(path), read_only=True) as con:
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, name in tables:
                rows = con.execute(f'select * from "{schema}"."{name}"').pl()
                yield from self.frame(rows, f"{schema}.{name}.")
            views = con.execute("select sql from duckdb_views() where not internal").fetchall()
            yield from self.text("\n".join(v[0] for v in views).encode())

    def sqlite(self, path: Path) -> Iterator[tuple[str, str, int]]:
        con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            con.text_factory = lambda b: b.decode("utf-8", "replace")
            names = con.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (name,) in names:
                for row in con.execute(f'select * from "{name}"'):
                    cells = [
                        c.decode("utf-8", "replace") if isinstance(c, bytes) else str(c)
                        for c in row
                        if c is not None
                    ]
                    text = "\n".join(cells)
                    for kind, count in self.kinds(unescaped(text)).items():
                        yield name, kind, count
        finally:
            con.close()

    def archive(self, raw: bytes) -> Iterator[tuple[str, str, int]]:
        with zipfile.ZipFile(io.BytesIO(raw)) as box:
            for member in box.namelist():
                # tags between cells are boundaries, so that digits of two cells never join
                inner = re.sub(rb"<[^>]*>", b"\n", box.read(member))
                for _, kind, count in self.text(inner):
                    yield member, kind, count

    def file(self, path: Path) -> Iterator[tuple[str, str, int]]:
        """Dispatch by the file's first bytes, not by its name."""
        with path.open("rb") as stream:
            head = stream.read(32)
        if head.startswith(PASSED_OVER):
            return
        if head.startswith(b"PAR1"):
            yield from self.parquet(path)
        elif head[8:12] == b"DUCK":
            yield from self.duckdb(path)
        elif head.startswith(b"SQLite format 3"):
            yield from self.sqlite(path)
        elif head.startswith(b"PK\x03\x04"):
            yield from self.archive(path.read_bytes())
        elif head.startswith(b"\x1f\x8b"):
            yield from self.text(gzip.decompress(path.read_bytes()))
        else:
            yield from self.text(path.read_bytes())

    def home(self, home: Path) -> list[Leak]:
        """Everything under a folder."""
        leaks: dict[tuple[str, str, str], int] = {}
        for path in sorted(p for p in home.rglob("*") if p.is_file() and not p.is_symlink()):
            try:
                for where, kind, count in self.file(path):
                    key = (str(path.relative_to(home)), where, kind)
                    leaks[key] = leaks.get(key, 0) + count
            except FileNotFoundError:  # a log that was rotated away meanwhile
                continue
        return [Leak(*key, count) for key, count in leaks.items()]


def organisation_columns() -> frozenset[str]:
    """Columns that the contracts declare as organisation codes (GB 32100)."""
    from ingestion.contract import load_all

    return frozenset(
        f.name
        for c in load_all().values()
        for f in c.fields
        if f.code_table and "GB 32100" in f.code_table and "11643" not in f.code_table
    ) | {"org_code", "owner_org_code", "dept_org_code", "unit_code", "parent_org_code"}


def mixed_columns() -> frozenset[str]:
    """Columns that hold a person's number or a company's code: only the code may stay clear."""
    from ingestion.contract import load_all

    return frozenset(
        f.name
        for c in load_all().values()
        for f in c.fields
        if f.code_table and "GB 32100" in f.code_table and "11643" in f.code_table
    )


def read_names(path: Path) -> list[str]:
    """The sentinel names of a simulated city (`truth/sentinel_names.txt`)."""
    return path.read_text("utf-8").split()


def audit(home: Path, names: list[str], zone_tokens: frozenset[str] = frozenset()) -> list[Leak]:
    """Prove that the scanner sees (positive control), then scan the home."""
    from tests.leakcontrol import prove

    scanner = Scanner(names, organisation_columns(), mixed_columns(), zone_tokens)
    prove(scanner)
    return scanner.home(home)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("home", type=Path)
    parser.add_argument("--names", type=Path, required=True, help="sentinel_names.txt")
    given = parser.parse_args()
    leaks = audit(given.home, read_names(given.names))
    for leak in leaks:
        sys.stdout.write(f"{leak.path}  {leak.where}  {leak.kind} x {leak.count}\n")
    sys.stdout.write(f"{len(leaks)} leaks; the positive control was found\n")
    return 1 if leaks else 0


if __name__ == "__main__":
    raise SystemExit(main())
