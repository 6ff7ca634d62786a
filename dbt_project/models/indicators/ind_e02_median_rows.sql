-- E02#median, population: the cases of E02 (period date = day of closing). value: what was recovered of
-- the amount applied for in this case, in percent.
select
    row_key, period_date, unit_court, unit_district,
    cast(numerator_amount as double) / cast(denominator_amount as double) * 100 as value,
    0 as is_numerator, 1 as is_denominator, 0 as is_open,
    case_kind, subject_amount, actual_amount, _delivery_id, _source_row
from {{ ref('ind_e02_rows') }}
