"""Build the demonstration city: every delivery of 13 months, as its agencies would send them.

`build()` writes under the agencies' folder: one folder per feed, `api/` (what the agencies'
HTTP interface serves), `manifest.csv` (what arrives when) and `truth/` (planted defects, true
rates, sentinel names). The same arguments give the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ingestion.places import agencies
from simulation import crisis, dirt, hotline, police
from simulation.api_data import write_api
from simulation.crisis import CRISIS
from simulation.deliveries import Ground, Manifest, csv_bytes, fridays, months_only
from simulation.feeds import AGENCIES, deliver_later
from simulation.hotline import Hotline
from simulation.identity import sentinel_names
from simulation.ledger import Ledger, write_workbook
from simulation.police import Police
from simulation.shared import Shared
from simulation.truth import true_rates
from simulation.world import Ints, World, day_number

SEED = 20261031
AS_PUBLISHED = "as-published"
SAMPLES = Path(__file__).resolve().parent / "samples"
BROKEN_LINE_PERIODS = ("202603", "202608", "20261012", "20261027")
SHORT_LINE_PERIODS = ("202601", "20261020")
LEAST_DAYS = 31


def build(
    seed: int = SEED,
    dirt_share: float = 0.002,
    scale: float = 1.0,
    start: str = "2025-10-01",
    end: str = "2026-10-30",
    out: Path | None = None,
    quiet: bool = False,
    scenario: str = AS_PUBLISHED,
) -> Path:
    """Write the whole city under `out` (default: the agencies' folder) and return it.

    `scenario`: as-published, or crisis (crisis.py). Raises ValueError for another one.
    """
    if scenario not in (AS_PUBLISHED, CRISIS):
        raise ValueError(f"no scenario {scenario!r}: {AS_PUBLISHED} or {CRISIS}")
    days = (date.fromisoformat(end) - date.fromisoformat(start)).days + 1
    if days < LEAST_DAYS:
        raise ValueError(f"{days} days: a city has at least {LEAST_DAYS}, a month begins in them")
    target = out or agencies()
    world = World(seed, date.fromisoformat(start), date.fromisoformat(end), scale, scenario)
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in ("P44", "P40", "F24", "UK01", "api", "truth"):
        (fresh / name).mkdir(parents=True)
    manifest, truth = Manifest(fresh), dirt.Truth()
    shared = Shared(world)
    tickets, disputes = shared.hotline, shared.disputes
    calls, ledger = Police(world), Ledger(world)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=quiet, transient=True) as progress:
        task = progress.add_task("演示城市 simulating", total=len(world.periods) * 2 + 4 + AGENCIES)

        def step() -> None:
            progress.advance(task)

        deliver_hotline(world, tickets, dirt_share, manifest, truth, step)
        deliver_police(world, calls, dirt_share, manifest, truth, step)
        deliver_ledger(world, ledger, manifest, truth)
        step()
        write_api(world, disputes, dirt_share, manifest, truth)
        step()
        deliver_samples(fresh, manifest)
        step()
        ground = Ground(world, dirt_share, manifest, truth)
        later = deliver_later(ground, shared, step)
        withdrawn = shared.mediations.withdrawn
        truth.table().write_csv(fresh / "truth" / "planted_defects.csv")
        first = true_rates(world, tickets, disputes, calls, ledger, withdrawn)
        pl.concat([first, later.select(first.columns)]).sort(first.columns[:4]).write_csv(
            fresh / "truth" / "true_rates.csv"
        )
        (fresh / "truth" / "sentinel_names.txt").write_text(
            "\n".join(sentinel_names()) + "\n", "utf-8"
        )
        crisis.answers(world).write_csv(fresh / "truth" / "incidents.csv")
        manifest.write()
        about = {
            "seed": seed,
            "dirt_share": dirt_share,
            "scale": scale,
            "scenario": scenario,
            "start": start,
            "end": end,
            "note": "演示数据 simulated, nobody in it exists",
        }
        (fresh / "build.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
        step()
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def deliver_hotline(
    world: World,
    tickets: Hotline,
    share: float,
    manifest: Manifest,
    truth: dirt.Truth,
    step: Callable[[], None],
) -> None:
    """One GB18030 file per period; rows refused in one file come corrected in the next."""
    rng = world.chance(440)
    previous = pl.DataFrame()
    carry: pl.DataFrame | None = None
    for number, group in tickets.versions.group_by("period", maintain_order=True):
        period = world.periods[int(str(number[0]))]
        name = f"P44/P44_{period.label}.csv"
        extra = _repeats(group, previous, share)
        if carry is not None:
            correction = carry.join(group, on="ticket", how="anti")
            chosen = pl.concat([group, correction, *[e for _, e in extra]])
        else:
            chosen = pl.concat([group, *[e for _, e in extra]])
        rows = tickets.rows(chosen)
        # rows that are repeated below stay clean, so that their repetition is exact
        clean = group.height - (extra[0][1].height if extra else 0)
        spoilt, bad = dirt.spoil(
            rows.head(clean), dirt.P44, share, rng, truth, "P44", name, pl.col("ticket_id")
        )
        spoilt = pl.concat([spoilt, rows.slice(clean)])
        tells = tickets.tickets["tells_id"].gather(chosen["ticket"]).arg_true()
        truth.add(
            "P44",
            name,
            tells.to_numpy() + 1,
            rows["ticket_id"].gather(tells),
            "content",
            "resident ID in free text",
            "",
            "dropped",
        )
        at = rows.height
        for fate, repeat in reversed(extra):
            at -= repeat.height
            truth.add(
                "P44",
                name,
                list(range(at + 1, at + repeat.height + 1)),
                rows["ticket_id"].slice(at, repeat.height),
                "",
                "row sent again" if fate == "unchanged" else "older version sent again",
                "",
                fate,
            )
        blob = csv_bytes(spoilt, hotline.COLUMNS, "gb18030")
        blob, broken = _break_lines(blob, period.label, rows, name, truth)
        (manifest.out / name).write_bytes(blob)
        manifest.add("P44", "file", period.start, period.end, name)
        carry = group[sorted({*bad.tolist(), *broken})]
        previous = group
        step()


def _repeats(
    group: pl.DataFrame, previous: pl.DataFrame, share: float
) -> list[tuple[str, pl.DataFrame]]:
    """Rows sent twice, and versions of the last delivery that a newer one has replaced."""
    n = max(1, int(group.height * share / 12)) if share else 0
    # the last rows of a file are repeated: an office exports twice and pastes both
    unchanged = group.tail(n)
    out = [("unchanged", unchanged)] if n else []
    if n and previous.height:
        older = (
            previous.filter(~pl.col("closed"))
            .join(group.filter("closed").select("ticket"), on="ticket", how="semi")
            .head(n)
        )
        out.append(("superseded", older))
    return out


def _break_lines(
    blob: bytes, label: str, rows: pl.DataFrame, name: str, truth: dirt.Truth
) -> tuple[bytes, list[int]]:
    """In a few files one line that is no GB18030, or one with a cell too few."""
    broken: list[int] = []
    for labels, damage, defect, rule in (
        (BROKEN_LINE_PERIODS, dirt.break_line, "broken GB18030 line", "encoding"),
        (SHORT_LINE_PERIODS, dirt.drop_cell, "wrong number of cells", "structure"),
    ):
        if label in labels:
            row = rows.height // 3
            blob = damage(blob, row)
            truth.add(
                "P44",
                name,
                [row],
                rows["ticket_id"].slice(row - 1, 1),
                "",
                defect,
                rule,
                "quarantined",
            )
            broken.append(row - 1)
    return blob, broken


def deliver_police(
    world: World,
    calls: Police,
    share: float,
    manifest: Manifest,
    truth: dirt.Truth,
    step: Callable[[], None],
) -> None:
    """One UTF-8 file with a byte-order mark per period; corrections come the next time."""
    rng = world.chance(400)
    carry: pl.DataFrame | None = None
    for period in world.periods:
        rows = calls.rows(day_number(period.start), day_number(period.end))
        name = f"P40/P40_{period.label}.csv"
        last = period is world.periods[-1]
        # police statistics are checked before they leave: a tenth of the usual dirt
        spoilt, bad = dirt.spoil(
            rows,
            dirt.P40,
            0 if last else share / 10,
            rng,
            truth,
            "P40",
            name,
            pl.concat_str("stat_date", "town_code", "call_type", separator="|"),
        )
        parts = [spoilt] if carry is None else [spoilt, carry]
        (manifest.out / name).write_bytes(csv_bytes(pl.concat(parts), police.COLUMNS, "utf-8-sig"))
        manifest.add("P40", "file", period.start, period.end, name)
        carry = rows[_sorted(bad)]
        step()


def _sorted(positions: Ints) -> list[int]:
    return sorted(int(p) for p in positions)


def deliver_ledger(world: World, ledger: Ledger, manifest: Manifest, truth: dirt.Truth) -> None:
    """The ledger at each month's end, then every Friday of the last month."""
    months = months_only(world.periods)
    first_day = months[-1].end + timedelta(days=1) if months else world.start
    stands = [(p.start, p.end, p.label) for p in months]
    stands += [
        (max(f - timedelta(days=6), first_day), f, f"{f:%Y%m%d}")
        for f in fridays(first_day, world.end)
    ]
    for number, (start, end, label) in enumerate(stands):
        rows = ledger.known_at(end)
        name = f"F24/F24_{label}.xlsx"
        if number == len(stands) - 4 and rows.height:
            truth.add(
                "F24",
                name,
                [1],
                [str(rows["app_id"][0])],
                "domain",
                "unknown code",
                "code",
                "quarantined",
            )
            rows = rows.with_columns(domain=rows["domain"].scatter([0], ["XX"]))
        write_workbook(rows, end, manifest.out / name)
        manifest.add("F24", "file", start, end, name)


def deliver_samples(out: Path, manifest: Manifest) -> None:
    """The two real West Yorkshire files, as published."""
    for path in sorted(SAMPLES.glob("*.csv")):
        shutil.copy(path, out / "UK01" / path.name)
        manifest.add_at(
            "UK01",
            "file",
            date(2017, 7, 1),
            date(2017, 7, 31),
            "2026-10-02T09:00:00",
            f"UK01/{path.name}",
        )
