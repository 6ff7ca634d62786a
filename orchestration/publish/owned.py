"""Whose indicator a row of a page table is: the column `department`, read by the row rules.

A row of a table with `indicator_code` belongs to the department that the register names as the
indicator's owner (`dashboards/departments.csv` gives the departments that log in); every other row
to nobody, and so to no department's leadership alone (deny by default). A table of which more is
known says it in its own SQL.
"""

from __future__ import annotations

import duckdb

from dashboards.server.roles import departments

# The demonstration's register says of every owner that it is made up.
_MADE_UP = "(演示)"


def owners(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Indicator → department, of those whose owner has logins; reads `dim_indicator`."""
    by_name = {label: code for code, label in departments().items()}
    rows = con.execute("select indicator_code, owner_zh from dim_indicator order by 1").fetchall()
    named = ((str(i), by_name.get(str(o).removesuffix(_MADE_UP))) for i, o in rows)
    return {indicator: code for indicator, code in named if code}


class Owned:
    """Creates page tables with their column `department`."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        cases = "".join(f" when '{i}' then '{code}'" for i, code in owners(con).items())
        self._owner = f"case indicator_code{cases} end" if cases else "null"

    def create(self, table: str, query: str) -> None:
        """`create table … as`, in the query's order of rows; raises what DuckDB raises."""
        names = {str(row[0]) for row in self._con.execute(f"describe {query}").fetchall()}
        owner = self._owner if "indicator_code" in names else "null"
        said = "" if "department" in names else f", cast({owner} as varchar) as department"
        self._con.execute(f"create table {table} as select *{said} from ({query})")
