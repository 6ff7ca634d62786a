"""Write the reference seeds: `python -m simulation.reference.build --data DIR --domain DIR`.

The seeds are committed; this program documents how each came from its published list and
lets another city make its own. DIR holds the files named in docs/data-licences.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from simulation.reference.boundaries import boundaries, label_points
from simulation.reference.divisions import divisions, villages
from simulation.reference.organisations import organisations

HOLIDAY_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def workdays(data: Path) -> pl.DataFrame:
    """R05 for 2024-2026, names of festivals in Chinese."""
    raw = pl.read_csv(data / "china_workday_calendar_2004_2026.csv", infer_schema=False)
    return (
        raw.filter(pl.col("date") >= "2024-01-01")
        .select(
            cal_date="date",
            is_workday=pl.col("is_workday") == "1",
            is_holiday=pl.col("is_holiday") == "1",
            holiday_name=pl.col("holiday_name").replace_strict(HOLIDAY_ZH, default=None),
            is_in_lieu=pl.col("is_in_lieu") == "1",
        )
        .sort("cal_date")
    )


def codes(domain: Path, kept: Path) -> pl.DataFrame:
    """R06; its column `table` is called `code_table` here, a reserved word no longer.

    The published lists are Chinese: where they give no English label, the one that was written
    into the seed at `kept` stays, and so do codes that only the seed has.
    """
    key = ["code_table", "code"]
    raw = pl.read_csv(domain / "code_tables.csv", infer_schema=False).rename(
        {"table": "code_table"}
    )
    if not kept.exists():
        return raw
    ours = pl.read_csv(kept, infer_schema=False)
    label = pl.coalesce("label_en", "label_en_kept")
    known = raw.join(ours.select(*key, "label_en"), on=key, how="left", suffix="_kept")
    return pl.concat([known.select(*raw.columns[:3], label, *raw.columns[4:]),
                      ours.join(raw, on=key, how="anti").select(raw.columns)])  # fmt: skip


def main(
    data: Annotated[Path, typer.Option(help="published lists (docs/data-licences.md)")],
    domain: Annotated[Path, typer.Option(help="code_tables.csv and dim_region.csv")],
    out: Annotated[Path, typer.Option(help="where the seeds go")] = Path("dbt_project/seeds"),
) -> None:
    """Build every reference seed of the demonstration city."""
    boundary = boundaries(data)
    division = divisions(data, domain, label_points(boundary))
    tables = {
        "seed_division": division,
        "seed_village": villages(data),
        "seed_district_boundary": boundary,
        "seed_workday_calendar": workdays(data),
        "seed_code": codes(domain, out / "seed_code.csv"),
        "seed_organisation": organisations(division),
    }
    for name, table in tables.items():
        table.write_csv(out / f"{name}.csv")
        typer.echo(f"{name}.csv  {table.height} rows")


if __name__ == "__main__":
    typer.run(main)
