-- K03#overdue, population: of K03's open major dangers those whose deadline has passed.
select
    row_key, period_date, unit_department, unit_town, unit_district, is_numerator, is_denominator,
    is_open, find_time, rectify_due, rectify_date, recheck_date, recheck_pass, _delivery_id, _source_row
from {{ ref('ind_k03_rows') }}
where is_overdue = 1
