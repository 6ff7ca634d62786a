"""What goes wrong with whole files: one of another feed in this feed's folder, one cut short.

Both are refused whole, with a receipt; the right file follows.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.contract import Contract, load
from simulation.channels.calendar import Span, arrival
from simulation.deliveries import Ground

# Feeds into whose folder a colleague once put a file of another one.
STRANGE = {"P17": "P12", "P28": "P20", "P39": "P47"}
FORGOTTEN = timedelta(days=21)


def is_cut(contract: Contract, number: int, deliveries: int) -> bool:
    """Whether this delivery comes cut short first: once, where control figures can tell."""
    return bool(contract.server.options.get("control")) and number == deliveries // 3


def sent_at(ground: Ground, contract: Contract, span: Span, number: int, n: int) -> datetime:
    """When the delivery arrives; every fifth feed has one that an office forgot for weeks.

    What the office would remember only after the world's end is on time.
    """
    at = arrival(contract, span)
    forgotten = number == n // 2 and int(contract.code[1:]) % 5 == 0
    late = at + FORGOTTEN
    return late if forgotten and late.date() <= ground.world.end else at


def control(path: Path, suffix: str, rows: int) -> None:
    """The control file beside a file: size, digest and rows."""
    blob = path.read_bytes()
    figures = {"size_bytes": len(blob), "sha256": hashlib.sha256(blob).hexdigest(), "rows": rows}
    path.with_name(path.name + suffix).write_text(json.dumps(figures), "utf-8")


def cut_short(ground: Ground, contract: Contract, name: str, span: Span, rows: int) -> None:
    """The file of a delivery loses its second half; it comes whole under another name next day.

    The control figures are of the whole file, without the size: they were made before the upload.
    """
    path = ground.manifest.out / name
    suffix = str(contract.server.options["control"]["suffix"])
    whole = path.read_bytes()
    again = name.replace(span.label, f"{span.label}(重报)")
    (ground.manifest.out / again).write_bytes(whole)
    control(ground.manifest.out / again, suffix, rows)
    figures = {"sha256": hashlib.sha256(whole).hexdigest(), "rows": rows}
    path.with_name(path.name + suffix).write_text(json.dumps(figures), "utf-8")
    path.write_bytes(whole[: len(whole) // 2])
    next_day = (arrival(contract, span) + timedelta(days=1)).isoformat()
    ground.manifest.add_at(contract.code, "file", span.start, span.end, next_day, again)
    _refused(ground, contract, name, "file cut short", "control_figures")


def strange_file(ground: Ground, contract: Contract, span: Span, number: int, n: int) -> None:
    """A file of another feed, under its own name, half an hour before the right one."""
    other = STRANGE.get(contract.code)
    if other is None or number != n // 3:
        return
    headers = [f.source for f in load(other).fields]
    lines = [",".join(headers), *(",".join(f"演示{i}" for _ in headers) for i in range(3))]
    name = f"{contract.code}/{other}_{span.label}.csv"
    (ground.manifest.out / name).write_text("\r\n".join(lines) + "\r\n", "utf-8")
    before = (arrival(contract, span) - timedelta(minutes=30)).isoformat()
    ground.manifest.add_at(contract.code, "file", span.start, span.end, before, name)
    _refused(ground, contract, name, "file of another feed", "file_name")


def _refused(ground: Ground, contract: Contract, name: str, defect: str, rule: str) -> None:
    ground.truth.add(contract.code, name, [0], [""], "", defect, rule, "refused")
