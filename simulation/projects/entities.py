"""P03: the organisations of a project: owner, builder, supervisor. Contacts belong to nobody."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.changes import end_s, moment, shown
from simulation.companies import company_names, credit_codes
from simulation.identity import mobiles, sentinel_names
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

SECOND_SHARE, CHANGE_SHARE = 0.25, 0.10


def entities(world: World, projects: Projects) -> pl.DataFrame:
    """P03 in declared form, what each pull shows; `updated` is the time of the change."""
    rng = world.chance(603)
    kept = projects.projects.filter(pl.col("removed") >= end_s(world))
    second = kept.filter(pl.Series(rng.random(kept.height) < SECOND_SHARE))
    rows = pl.concat([kept.with_columns(nth=pl.lit(0)), second.with_columns(nth=pl.lit(1))]).sort(
        "entered", "project", "nth"
    )
    n = rows.height
    number = rng.permutation(900_000)[:n].astype(np.int64)
    start = int(world.days[0]) * DAY_S
    names = pl.Series(sentinel_names())
    role = np.where(rows["nth"].to_numpy() == 0, "01", rng.choice(["02", "03", "04", "05"], n))
    base = rows.with_row_index("entity").with_columns(
        uscc=credit_codes(rows["region_code"], number),
        company=company_names(world, rows["town"].to_numpy(), number),
        role=pl.Series(role.tolist()),
        ownership=pl.Series(rng.choice(["110", "159", "173", "174"], n).tolist()),
        contact=names.gather(pl.Series(rng.integers(0, len(names), n))),
        phone=pl.Series(mobiles(rng, n)).cast(pl.String),
        has_contact=pl.Series(rng.random(n) < 0.9),
        grade=pl.Series(rng.choice(["A", "B", "C", "D"], n, p=[0.5, 0.35, 0.12, 0.03]).tolist()),
        at=pl.max_horizontal("entered", pl.lit(start + 3600)),
        wait=pl.Series(rng.integers(20, 300, n) * DAY_S),
    )
    changed = base.filter(pl.Series(rng.random(n) < CHANGE_SHARE)).with_columns(
        at=pl.col("at") + pl.col("wait"), grade=pl.lit("B")
    )
    every = pl.concat([base, changed]).select(
        entity_id="EN" + pl.col("entity").cast(pl.String).str.zfill(8),
        project_code="project_code",
        uscc="uscc",
        entity_name="company",
        entity_role="role",
        ownership="ownership",
        contact_name=pl.when("has_contact").then("contact"),
        contact_phone=pl.when("has_contact").then("phone"),
        credit_level="grade",
        region_code="region_code",
        source_update_time=moment("at"),
        updated=moment("at"),
    )
    return shown(every, "entity_id", world)
