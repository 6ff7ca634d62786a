-- One row per petition matter (P26) with the milestones of its handling (P27), its first rating
-- (P31) and the next petition linked to it, as known at as_of: matters, never persons.
-- Rebuilt whole: a step may touch a petition of any month, and there are some ten thousand a year.
with step as (
    select
        step_id, petition_no, step_code, step_org_code, extended, extend_days,
        -- What had not happened by as_of is not known.
        case when end_time <= {{ as_of() }} then end_time end as end_time
    from {{ ref('stg_p27_petition_processing') }}
    where start_time <= {{ as_of() }}
),
milestone as (
    -- Of several rows of one step the earliest end counts, and the largest extension, capped at 30.
    select
        petition_no,
        min(case when step_code = '03' then end_time end) as accepted_time,
        min(case when step_code = '05' then end_time end) as closed_time,
        least(coalesce(max(case when step_code = '04' then extend_days end), 0), 30) as extend_days,
        max(case when extended then 1 else 0 end) as is_extended
    from step
    group by petition_no
),
-- Who gives the notice: the organisation of step 03; where there is none, that of step 01.
noticing as (
    select petition_no, step_org_code, row_number() over (
        partition by petition_no
        order by step_code desc, case when end_time is null then 1 else 0 end, end_time, step_id) as ordinal
    from step
    where step_code in ('01', '03')
),
rating as (
    select petition_no, min(eval_time) as first_rated_time
    from {{ ref('stg_p31_petition_satisfaction') }}
    where eval_time <= {{ as_of() }}
    group by petition_no
),
next_petition as (
    select earlier.petition_no, min(later.register_time) as next_register_time
    from {{ ref('stg_p26_petition_matter') }} as earlier
    inner join {{ ref('stg_p26_petition_matter') }} as later
        on later.prev_petition_no = earlier.petition_no and later.register_time > earlier.register_time
    where later.register_time <= {{ as_of() }}
    group by earlier.petition_no
)
select
    matter.petition_no, matter.register_time, matter.channel, matter.category, matter.purpose,
    matter.handle_path, matter.project_code, matter.is_first, matter.target_org_code, matter.town_code,
    noticing.step_org_code as notice_org_code,
    milestone.accepted_time, milestone.closed_time,
    coalesce(milestone.extend_days, 0) as extend_days,
    coalesce(milestone.is_extended, 0) as is_extended,
    rating.first_rated_time, next_petition.next_register_time,
    matter._delivery_id, matter._source_row, matter._valid_from, matter._month
from {{ ref('stg_p26_petition_matter') }} as matter
left join milestone on milestone.petition_no = matter.petition_no
left join noticing on noticing.petition_no = matter.petition_no and noticing.ordinal = 1
left join rating on rating.petition_no = matter.petition_no
left join next_petition on next_petition.petition_no = matter.petition_no
where matter.register_time <= {{ as_of() }}
