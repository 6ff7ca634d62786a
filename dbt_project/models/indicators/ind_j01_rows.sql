-- J01, population: clues reviewed to a result (1 case made, 2 none, 3 passed on; period date = day of
-- the review); numerator: a case was made.
select
    clue.clue_id as row_key,
    clue.review_date as period_date,
    clue.model_code as unit_model,
    {{ unit_region_column('clue.region_code') }},
    case when clue.review_result = '1' then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    clue.found_date, clue.review_date, clue.review_result, clue.clue_kind,
    clue._delivery_id, clue._source_row
from {{ ref('fct_procuratorial_clue') }} as clue
{{ unit_region_join('clue.region_code') }}
where clue.review_result in ('1', '2', '3')
