"""A CSV of synthetic events: python -m benchmarks.generate ROWS FILE [changed].

Row number i alone decides what stands in row i, so a file is the same on every machine and a
smaller one is the beginning of a larger one. `changed` writes every hundredth row again, a day
later and with another amount: the corrections of a whole table, spread over all of it.
"""

from __future__ import annotations

import sys

import duckdb

CHANGED_EVERY = 100

# 1.5 s between events: ten million are 174 days, so a large file lies in six months.
_ROWS = """
select
    'R2026' || lpad(i::varchar, 11, '0') as record_id,
    strftime(timestamp '2026-01-01' + interval (i * 1.5) second, '%Y-%m-%d %H:%M:%S') as event_time,
    strftime(
        timestamp '2026-01-01' + interval (i * 1.5 + 90 + {later}) second, '%Y-%m-%d %H:%M:%S'
    ) as update_time,
    '33060' || (2 + i % 3)::varchar || lpad((i % 30)::varchar, 3, '0') || '000' as town_code,
    lpad((1 + i % 8)::varchar, 2, '0') as kind_code,
    (1 + i % 3)::varchar as level_code,
    ((i * 7919 + {later}) % 1000000 / 100)::decimal(18, 2) as amount,
    round(120 + (i * 31) % 10000 / 10000, 4) as lon,
    round(30 + (i * 37) % 10000 / 10000, 4) as lat,
    (i * 13) % 500 as count_n,
    i % 2 = 0 as is_valid,
    strftime(date '2026-01-01' + (i // 57600)::int, '%Y-%m-%d') as stat_date,
    '绍兴市越城区' || (i % 997)::varchar || '号地块说明文字' as place_name,
    case when i % 5 > 0 then 'note ' || (i % 10007)::varchar end as remark,
    'ORG' || lpad((i % 4001)::varchar, 9, '0') as unit_code
from range({rows}) t(i)
where i % {every} = 0
"""


def generate(rows: int, path: str, changed: bool = False) -> None:
    """Write the file; `rows` are those of the whole table, also when only changes are written."""
    later, every = (86_400, CHANGED_EVERY) if changed else (0, 1)
    query = _ROWS.format(rows=rows, later=later, every=every)
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"copy ({query}) to '{path}' (format csv, header)")


if __name__ == "__main__":
    generate(int(sys.argv[1]), sys.argv[2], sys.argv[3:] == ["changed"])
