"""What SQL Lab runs and what it does not: each known way round, in Superset's own environment."""

from __future__ import annotations

import json
import subprocess

import pytest

from dashboards.server import paths

TABLES = ["indicator", "unit"]
ALLOWED = [
    "select * from indicator",
    "from indicator",
    "select a from main.indicator union all select b from unit",
    "with x as (select * from unit) select * from x join indicator using (a)",
    "with recursive t as (select 1 n union all select n + 1 from t where n < 3) select * from t",
    "select count(*) filter (where a > 1), quantile_cont(b, 0.5) from indicator group by all",
    "select * from unit u where exists (with k as (from indicator) from k where k.a = u.a)",
]
REFUSED = [
    "select unnest((select list(x) from secret x))",
    "values ((select 1))",
    "select * from (values (1)) t",
    "summarize indicator",
    "pivot indicator on a",
    "select * from indicator pivot (sum(a) for b in ('x'))",
    "unpivot indicator on a into name n value v",
    "set variable x = (select 1)",
    "select getvariable('x')",
    "prepare p as select 1",
    "execute p",
    "call query('select 1')",
    "select * from query('select 1')",
    "select * from query_table('secret')",
    "pragma storage_info('indicator')",
    "select * from pragma_storage_info('indicator')",
    "select * from read_csv('/etc/passwd')",
    "select content from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "select * from Indicator",
    "select * from pages.main.indicator",
    "select * from information_schema.tables",
    "select * from duckdb_tables()",
    "select * from duckdb_secrets",
    "attach 'pages.duckdb'",
    "copy indicator to 'x.csv'",
    "create view v as select 1",
    "install httpfs",
    "load httpfs",
    "show tables",
    "describe indicator",
    "explain select * from secret",
    "select 1; select 2",
    "select getenv('HOME')",
    "select current_setting('temp_directory')",
    "select (select max(x) from secret)",
    "with secret as (select * from secret) select * from secret",
    "select * from secret, (with secret as (select 1 a) select * from secret) x",
    "delete from indicator",
    "",
]
_PROGRAM = """
import json, sys, logging
logging.disable(logging.CRITICAL)
from dashboards.server.guard import Refused, check
given = json.load(sys.stdin)
out = []
for sql in given["statements"]:
    try:
        check(sql, frozenset(given["tables"]))
        out.append("")
    except Refused as error:
        out.append(str(error))
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str]:
    """Statement → why it was refused, empty for one that runs."""
    statements = ALLOWED + REFUSED
    done = subprocess.run(
        [str(paths.superset_python()), "-c", _PROGRAM],
        input=json.dumps({"statements": statements, "tables": TABLES}),
        capture_output=True,
        text=True,
        check=True,
        cwd=paths.REPOSITORY,
    )
    return dict(zip(statements, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("statement", ALLOWED)
def test_a_query_over_the_benchs_tables_runs(verdicts: dict[str, str], statement: str) -> None:
    assert verdicts[statement] == ""


@pytest.mark.parametrize("statement", REFUSED)
def test_everything_else_is_refused_with_a_reason(verdicts: dict[str, str], statement: str) -> None:
    assert verdicts[statement] != ""
