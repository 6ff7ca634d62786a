"""Find what a person means by an indicator, a unit and a period; say what exists if it is none."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import duckdb

from ingestion.city import city
from orchestration.judging.windows import MONTHS


class NotFound(LookupError):
    """Nothing by that name; the message says what there is."""


@dataclass(frozen=True)
class Address:
    """One judged cell: indicator, unit, window and period."""

    indicator_code: str
    unit_level: str
    unit_code: str
    window_kind: str
    period_label: str


def records(con: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    cursor = con.execute(sql, values)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def find_indicator(con: duckdb.DuckDBPyConnection, code: str) -> dict[str, Any]:
    """The registry row. `indicator:D09` and `D09` are the same; another kind gets a hint."""
    kind, _, bare = code.rpartition(":")
    if kind not in ("", "indicator"):
        raise NotFound(
            f"{code} is not an indicator; explain takes indicator:<code>. Try `feed show`."
        )
    bare = bare.upper()
    found = records(
        con, "select * from marts.dim_indicator where upper(indicator_code) = ?", [bare]
    )
    if found:
        return found[0]
    known = [
        row[0]
        for row in con.execute(
            "select indicator_code from marts.dim_indicator order by 1"
        ).fetchall()
    ]
    near = difflib.get_close_matches(bare, known, n=3) or known
    is_feed = con.execute(
        "select count(*) from staging.stg_contract where feed_code = ?", [bare]
    ).fetchall()[0][0]
    hint = f" There is a feed:{bare}: try `feed show {bare}`." if is_feed else ""
    raise NotFound(f"no indicator:{bare}.{hint} Known: {', '.join(near)}")


def find_address(
    con: duckdb.DuckDBPyConnection,
    indicator_code: str,
    unit: str | None,
    period: str | None,
    level: str | None,
) -> Address:
    """The judged cell. Without a unit: the city; without a period: the newest final one."""
    wanted = unit or city().code
    cells = records(
        con,
        "select unit_level, unit_code, window_kind, period_label, is_provisional or is_running"
        " as is_open from judged.fct_indicator where indicator_code = ? and unit_code = ?"
        " and (? is null or unit_level = ?) order by period_end",
        [indicator_code, _unit_code(con, wanted), level, level],
    )
    if not cells:
        levels = con.execute(
            "select string_agg(distinct unit_level, ', ' order by unit_level)"
            " from judged.fct_indicator where indicator_code = ?",
            [indicator_code],
        ).fetchall()[0][0]
        if levels is None:
            raise NotFound(f"indicator:{indicator_code} has no values yet: no data of its feeds")
        raise NotFound(
            f"indicator:{indicator_code} has no value for unit {wanted}; it is counted by {levels}"
        )
    # The city's code is the city and, at district level, the city's own rows: the city is meant.
    chosen_level = min((c["unit_level"] for c in cells), key=lambda name: (name != "city", name))
    cells = [c for c in cells if c["unit_level"] == chosen_level]
    if period is not None:
        matching = [c for c in cells if c["period_label"] == period]
        if not matching:
            near = sorted({c["period_label"] for c in cells})
            raise NotFound(
                f"indicator:{indicator_code} of {wanted} has no period {period};"
                f" there are {near[0]} … {near[-1]}"
            )
        cell = matching[-1]
    else:
        final = [c for c in cells if not c["is_open"]] or cells
        months = (
            [c for c in final if c["window_kind"] in (*MONTHS, "stock")]
            or [c for c in final if c["window_kind"] == "to_date"]
            or final
        )
        cell = months[-1]
    return Address(
        indicator_code, chosen_level, cell["unit_code"], cell["window_kind"], cell["period_label"]
    )


def _unit_code(con: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """A unit may be named by its code or by its Chinese name, if only one bears it."""
    named = con.execute(
        "select distinct unit_code from marts.dim_unit where name_zh = ?", [wanted]
    ).fetchall()
    return str(named[0][0]) if len(named) == 1 else wanted
