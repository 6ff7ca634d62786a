-- L05, population: red lights reviewed to a result (1 to transfer, 2 not, 4 false alarm; 3, more
-- evidence, is outside until it is final; period date = day of the review); numerator: to transfer.
select
    lit.warning_id as row_key,
    cast(lit.review_time as date) as period_date,
    lit.rule_id as unit_rule,
    case when lit.review_result = '1' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    lit.case_id, lit.rule_id, lit.rule_version, lit.review_time, lit.review_result,
    lit._delivery_id, lit._source_row
from {{ ref('fct_transfer_warning') }} as lit
where lit.light = 'R' and lit.review_result in ('1', '2', '4')
