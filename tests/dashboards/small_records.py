"""Rows of every feed of the small city, made from the contracts alone, and the facts over them.

Each value follows from its row's number, its column's type and its code table, so two builds are
equal. Registers that are public (R07) and the ledger of 50 applications are as they are published.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.contract import Contract, load_all
from ingestion.lake.tables import content_schema
from ingestion.lake.views import duckdb_type

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
ROWS_N = 480
# Rows of these tables point to each other by number.
_KEYS = {"decision_id": "D", "report_id": "B", "dispute_code": "JF", "place_id": "CS"}
# Indicator whose failing matters a page lists → its columns of begin, deadline and end.
COUNTED = {
    "D09": ("register_time", "", "first_resolved_time"),
    "D07": ("accept_time", "due_time", "finish_time"),
    "D02": ("accepted_time", "close_due", "closed_time"),
    "U01": ("file_time", "due_time", "handle_time"),
    "K02": ("find_time", "rectify_due", "rectify_date"),
    "P04": ("dispatch_time", "due_time", "finish_time"),
}
# Facts of the build that are their feed's rows, as far as pages ask.
_FACTS = {
    "fct_dispatch_order": "f03_dispatch_order",
    "fct_police_call": "p40_police_call_aggregate",
    "fct_feedback": "f02_opinion_feedback",
    "fct_call_handover": "f21_police_grid_coop",
    "fct_police_finding": "f22_police_law_supervision",
    "fct_fraud_case": "f16_fraud_case",
    "fct_fraud_warning": "f17_fraud_warning",
    "fct_procuratorial_clue": "f07_procuratorial_clue",
    "fct_coop_matter": "f05_enforcement_coop_matter",
    "fct_court_case": "f04_court_enforcement_case",
    "fct_risk_report": "p07_risk_assessment_report",
    "fct_dispute_event": "f20_dispute_case_event",
    "fct_city_mgmt_event": "f10_city_mgmt_event",
    "fct_grid_event": "p35_grid_event",
    "fct_scene_app": "f24_scene_app_ledger",
}


def write_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Staging tables of every feed outside the zones, and the facts that pages read."""
    connection.execute(f"""
        create table marts.dim_code as
        select code_table, code, label_zh, try_cast(num_lo as int) as num_lo,
            try_cast(num_hi as int) as num_hi
        from read_csv('{SEEDS / "seed_code.csv"}', all_varchar = true) where code <> '*';
        create temporary table picked as
        select code_table as pool, list(code order by code) as codes
        from marts.dim_code group by code_table
        union all
        select 'town', list(unit_code order by unit_code) from marts.dim_unit
        where unit_level = 'town' and unit_code <> 'unassigned'
        union all
        select 'district', list(unit_code order by unit_code) from marts.dim_unit
        where unit_level = 'district' and unit_code not in ('unassigned', '330600')
        union all
        select 'station', list(org_code order by org_code) from organisation where org_kind = '04'
        union all
        select 'organisation', list(org_code order by org_code) from organisation
        where org_kind = '01' and region_code <> '330600'
    """)
    pools = {str(pool) for (pool,) in connection.execute("select pool from picked").fetchall()}
    for contract in load_all().values():
        if contract.zone or contract.code in ("UK01", "O01", "O02", "R07", "F24"):
            continue
        columns = ", ".join(
            f'{_value(contract, name, duckdb_type(dtype), pools)} as "{name}"'
            for name, dtype in content_schema(contract).items()
        )
        connection.execute(
            f"create table staging.stg_{contract.table} as select {columns},"
            f" 'x' as _delivery_id, n as _source_row from range({ROWS_N}) as g (n)"
        )
    _registers(connection)
    for fact, table in _FACTS.items():
        connection.execute(f"create table marts.{fact} as select * from staging.stg_{table}")
    connection.execute("""
        create table marts.fct_enforcement_case as
        select *, case light when 'R' then file_date + interval 20 day end as first_red_time
        from (
            select *, case when row_number() over () % 60 = 1 then 'R'
                when row_number() over () % 20 = 2 then 'Y' end as light
            from staging.stg_f08_admin_enforcement_case);
        create table marts.fct_decision as
        select *, case when row_number() over () % 9 > 0 then start_date + 20 end
            as first_filed_date
        from staging.stg_p06_major_decision_catalog
    """)
    for code, (begun, due, done) in COUNTED.items():
        connection.execute(_counted(code, begun, due, done))


def _counted(code: str, begun: str, due: str, done: str) -> str:
    """The rows behind an indicator: of a town's thirty each sixth failed, each twelfth is open."""
    kind = "DATE" if code in ("D02", "K02") else "TIMESTAMP"
    ended = "begun + interval 13 day" if due else "begun + interval 100 day"
    more = (
        ", 'x' as last_state, (select codes[1 + (n % len(codes))::int] from picked"
        " where pool = 'DISPUTE_TYPE') as dispute_type"
        if code == "D09"
        else ", (select codes[1 + (n % len(codes))::int] from picked"
        " where pool = 'organisation') as unit_department"
    )
    named = f", cast(begun + interval 10 day as {kind}) as {due}" if due else ""
    return f"""
        create table marts.ind_{code.lower()}_rows as
        select row_key, period_date, unit_town, unit_district, begun as {begun}{named}{more},
            cast(case when n % 12 > 0 then {ended} end as {kind}) as {done},
            (n % 6 > 0)::int as is_numerator, 1 as is_denominator, (n % 12 = 0)::int as is_open
        from (
            select '{code}-' || k || '-' || n as row_key, n, unit_code as unit_town,
                district_code as unit_district,
                timestamp '2026-08-30 09:00:00' - to_days((n * 9 + k % 9)::int) as begun,
                begun::date as period_date
            from range(30) as g (n) cross join (
                select unit_code, district_code, row_number() over (order by unit_code) as k
                from marts.dim_unit where unit_level = 'town' and unit_code <> 'unassigned'))
    """


def _value(contract: Contract, name: str, type_: str, pools: set[str]) -> str:
    """An SQL expression over `n`, the row's number."""
    place = list(content_schema(contract)).index(name)
    field = next((f for f in contract.landed if f.landed_name == name), None)
    table = (field.code_table if field else None) or ""
    late = "due" not in name and any(w in name for w in ("finish", "done", "reply", "rectify_date"))
    if type_ == "BOOLEAN":
        return "n % 3 > 0"
    if type_.startswith(("DATE", "TIMESTAMP")):
        # A later column is a later event; of what ends something every fifth has not ended.
        day = f"timestamp '2026-10-30 08:00:00' - to_hours((n * 17 % 9000)::int - {place * 7})"
        kept = f"case when n % 5 > 0 then {day} end" if late else f"({day})"
        return f"({kept})::date" if type_ == "DATE" else kept
    if type_ in ("INTEGER", "BIGINT", "SMALLINT"):
        return f"(1 + (n + {place}) % 7)::{type_}"
    if type_ != "VARCHAR":
        return f"(100 + n % 50)::{type_}"
    pool = {"NBS_TOWN": "town", "GB/T 2260": "district", "ORG_POLICE": "station"}.get(table, table)
    if table.startswith("GB 32100"):
        pool = "organisation"
    if table == "YYYYMM":
        return "strftime(date '2026-10-01' - to_months((n % 12)::int), '%Y%m')"
    if pool in pools:
        return (
            f"(select codes[1 + ((n + n // 7 + {place}) % len(codes))::int]"
            f" from picked where pool = '{pool}')"
        )
    return f"'{_KEYS.get(name, contract.code + '-')}' || n"


def _registers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"""
        create table staging.stg_r07_programme_register as
        select * replace (ord::int as ord, item_year::int as item_year,
            count_stated::int as count_stated, is_local::boolean as is_local,
            issued_date::date as issued_date, due_date::date as due_date,
            done_date::date as done_date), 'x' as _delivery_id
        from read_csv('{SEEDS / "seed_programme_register.csv"}', all_varchar = true);
        create table staging.stg_f24_scene_app_ledger as
        select printf('S0-%03d', n) as app_id, '应用' || n as app_name,
            (select codes[1 + (n % len(codes))::int] from picked where pool = 'DOMAIN') as domain,
            null::varchar as lead_org_code,
            case when n % 3 = 0 then '330600' else (select codes[1 + (n % len(codes))::int]
                from picked where pool = 'district') end as region_code,
            date '2025-01-01' + n::int as report_date, date '2025-02-01' + n::int as review_date,
            '1' as review_result, date '2025-03-01' + n::int as registered_date,
            case when n <= 42 then date '2025-06-01' + n::int end as online_date,
            case when n > 39 then 'N' when n % 2 = 0 then 'P' else 'T' end as pilot_level,
            case when n <= 19 then printf('S%02d', n) end as s1_major_app,
            case when n <= 3 then 'G' when n <= 7 then 'B' else 'N' end as award,
            0 as reform_measure_n, 1 as review_round, 'x' as _delivery_id
        from range(1, 51) as g (n)
    """)
