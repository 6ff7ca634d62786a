-- R06: one row per code of a code table; formats (code '*') are left to conformance.
select code_table, code, label_zh, label_en, origin, table_kind, num_lo, num_hi
from {{ ref('seed_code') }}
where code <> '*'
