-- D03, population: ratings of the responsible unit (target 2; period date = day of the rating);
-- numerator: four or five points.
select
    rating.eval_id as row_key,
    cast(rating.eval_time as date) as period_date,
    {{ unit_department_column('rating.org_code') }},
    coalesce(town.unit_town, 'unassigned') as unit_town,
    {{ unit_region_column('rating.region_code') }},
    case when rating.score >= 4 then 1 else 0 end as is_numerator,
    1 as is_denominator,
    0 as is_open,
    rating.score, rating.eval_time, rating.eval_channel,
    rating._delivery_id, rating._source_row
from {{ ref('stg_p31_petition_satisfaction') }} as rating
left join {{ ref('fct_petition') }} as matter on matter.petition_no = rating.petition_no
left join {{ ref('int_town_unit') }} as town on town.town_code = matter.town_code
{{ unit_department_join('rating.org_code') }}
{{ unit_region_join('rating.region_code') }}
where rating.eval_target = '2' and rating.eval_time <= {{ as_of() }}
