"""A whole city, every feed, into the lake: beside the bare conversion of the same files.

    python -m benchmarks.city_year [--agencies FOLDER] [--scale 1.0] [--runs 1]

Ours replays all deliveries into a new home, from the agencies' files, interface, database and
streams to receipts. The yardstick converts what the archive then holds, one delivery after the
other, each into a zstd Parquet file of texts: nothing is fetched, decrypted, typed or checked in
its time, and GB18030 has been made UTF-8 for it. Sealed drops stay sealed: it passes them over.
Ours takes the processes of `make up`, DuckDB two threads.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.measure import measure

ROOT = Path(__file__).resolve().parent.parent
SEED = 77
PLACES = ("FENGQIAO_HOME", "FENGQIAO_SECRETS", "FENGQIAO_AGENCIES")


def ours() -> None:
    """Replay everything that has arrived by the clock."""
    from ingestion import clock
    from ingestion.lake.logs import read_log
    from ingestion.lock import run_lock
    from orchestration.run.replay import replay_apart
    from orchestration.service import agencies
    from orchestration.service.demonstration import WORKERS

    agencies.start()

    def work() -> None:
        with run_lock():
            failures = replay_apart(clock.as_of(), workers=WORKERS)
        if failures:
            raise SystemExit(f"not taken in: {failures}")

    try:
        measure(work, lambda: int(read_log("o01_delivery_log")["rows_n"].sum()), ["polars"])
    finally:
        agencies.stop()


def lay_bare(folder: Path) -> int:
    """Put what the archive holds into plain files, UTF-8; gives their number."""
    from ingestion import places
    from ingestion.contract import load_known
    from ingestion.delivery import archive

    known = load_known()
    written = 0
    for path in sorted(places.archive().rglob("*.age")):
        name = path.name.removesuffix(".zst.age")
        content = archive.reopen(path)
        if name.endswith(".csv"):
            options = known[path.parent.name].server.options
            content = _utf8(content, options.get("encoding", "utf-8"))
        (folder / name).write_bytes(content)
        written += 1
    return written


def _utf8(content: bytes, named: str | list[str]) -> bytes:
    for encoding in [named] if isinstance(named, str) else named:
        try:
            return content.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace").encode()


def bare(folder: Path) -> None:
    """Convert each file of the folder into Parquet; a file that is none is passed over."""
    import duckdb
    import polars as pl

    files = sorted(folder.iterdir())
    out = folder.parent / "parquet"
    out.mkdir(exist_ok=True)
    con = duckdb.connect()
    con.execute("set threads = 2")
    read = {
        ".csv": "read_csv('{}', all_varchar = true, header = false, null_padding = true,"
        " ignore_errors = true, strict_mode = false, max_line_size = 20000000)",
        ".json": "read_json('{}', format = 'newline_delimited', ignore_errors = true)",
    }
    failed: list[str] = []

    def work() -> None:
        for file in files:
            target = out / f"{file.stem}.parquet"
            try:
                if file.suffix == ".xlsx":
                    sheet = pl.read_excel(io.BytesIO(file.read_bytes()), has_header=False)
                    sheet.write_parquet(target, compression="zstd", compression_level=1)
                else:
                    source = read[file.suffix].format(file)
                    con.execute(
                        f"copy (from {source}) to '{target}' (format parquet, compression zstd)"
                    )
            except Exception as error:
                target.unlink(missing_ok=True)
                failed.append(f"{file.name}: {error}")

    def rows() -> int:
        found = con.execute(
            f"select sum(num_rows) from parquet_file_metadata('{out}/*.parquet')"
        ).fetchone()
        print(
            f"{len(failed)} of {len(files)} files are none", *failed[:5], sep="\n", file=sys.stderr
        )
        return int(found[0]) if found else 0

    measure(work, rows, ["duckdb", "polars"])


def child(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run a stage in a process of its own; gives its measurement."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.city_year", *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments[0]} failed")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(
    agencies: Annotated[Path | None, typer.Option(help="a built city; else one is built")] = None,
    scale: Annotated[float, typer.Option(min=0.01)] = 1.0,
    runs: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """Measure both in turn and print their medians and ratio."""
    taken: dict[str, list[dict[str, Any]]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory(prefix="city-year-") as name:
        folder = Path(name)
        built = agencies.resolve() if agencies else folder / "agencies"
        for turn in range(runs):
            own = folder / str(turn)
            environment = {
                **os.environ,
                "FENGQIAO_HOME": str(own / "data"),
                "FENGQIAO_SECRETS": str(built.parent / ".secrets" if agencies else own / "secrets"),
                "FENGQIAO_AGENCIES": str(built),
            }
            if not built.exists():
                simulate = [str(Path(sys.executable).with_name("fengqiao")), "simulate"]
                command = [*simulate, "--scale", str(scale), "--out", str(built)]
                subprocess.run(command, env=environment, check=True, cwd=ROOT)
            taken["ours"].append(child(environment, "--stage", "ours"))
            print("ours", taken["ours"][-1], file=sys.stderr)
            plain = own / "plain"
            plain.mkdir()
            child(environment, "--stage", "lay-bare", "--folder", str(plain))
            taken["bare"].append(child(environment, "--stage", "bare", "--folder", str(plain)))
    for what, found in taken.items():
        middle = {k: statistics.median(f[k] for f in found) for k in ("seconds", "cpu_seconds")}
        print(what, {k: round(v, 1) for k, v in middle.items()}, "rows", found[0]["rows"])
    for key in ("seconds", "cpu_seconds"):
        pairs = zip(taken["ours"], taken["bare"], strict=True)
        print(key, "ratio", round(statistics.median(a[key] / b[key] for a, b in pairs), 2))


def main(
    stage: Annotated[str, typer.Option(hidden=True)] = "",
    folder: Annotated[Path, typer.Option(hidden=True)] = Path(),
    agencies: Annotated[Path | None, typer.Option(help="a built city; else one is built")] = None,
    scale: Annotated[float, typer.Option(min=0.01)] = 1.0,
    runs: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """The whole comparison, or the stage that a process of it is told."""
    from orchestration.service.demonstration import settle_environment

    if stage:  # of the home and the agencies that it was given, not of ours
        settle_environment()
    match stage:
        case "ours":
            ours()
        case "lay-bare":
            print(json.dumps({"files": lay_bare(folder)}))
        case "bare":
            bare(folder)
        case _:
            run(agencies, scale, runs)


if __name__ == "__main__":
    typer.run(main)
