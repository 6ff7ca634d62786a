-- H04, population: due visits, one row per row of F12 (period date = the day the next visit is due);
-- outside: in hospital, and whose status on the due day is not 1 (dead, moved, refused, lost).
-- numerator: a later row of the patient by then; a row that records death, a move or a refusal is no
-- visit (reading 6). Open and due by as_of: failed; visited early counts at once.
with item as (
    select patient_token, visit_date, district_code, next_due, _delivery_id, _source_row
    from {{ ref('stg_f12_smd_patient_care') }}
    where visit_date <= {{ as_of_date() }} and next_due >= visit_date and not in_hospital
),
later as (
    select
        item.patient_token, item.visit_date,
        -- The item's own row is among them: its status stands until another one does.
        max_by(other.reg_status, other.visit_date) as status_when_due,
        max(case when other.visit_date > item.visit_date and other.reg_status not in ('2', '4', '5')
            then other.visit_date end) as visited_date
    from item
    inner join {{ ref('stg_f12_smd_patient_care') }} as other
        on other.patient_token = item.patient_token
        and other.visit_date >= item.visit_date
        and other.visit_date <= least(item.next_due, {{ as_of_date() }})
    group by item.patient_token, item.visit_date
)
select
    item.patient_token || ' ' || {{ text('item.visit_date') }} as row_key,
    item.next_due as period_date,
    {{ unit_region_column('item.district_code') }},
    case when later.visited_date is not null then 1 else 0 end as is_numerator,
    case when later.visited_date is not null or item.next_due < {{ as_of_date() }}
        then 1 else 0 end as is_denominator,
    case when later.visited_date is null then 1 else 0 end as is_open,
    item.visit_date, later.visited_date, item._delivery_id, item._source_row
from item
inner join later on later.patient_token = item.patient_token and later.visit_date = item.visit_date
{{ unit_region_join('item.district_code') }}
where later.status_when_due = '1'
