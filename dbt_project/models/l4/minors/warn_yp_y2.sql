-- YP-Y2, yellow, missing: support ended (completed or referred) and nobody knows of a school or a job,
-- or there is none. The status is read as it now stands (reading 2). Inside the zone only.
with needs as (
    select
        {{ rule_columns() }}, helped.case_token as entity_code, helped.district_code as region_code,
        {{ midnight('helped.close_date') }} as needed_at, false as by_day,
        cast(null as {{ local_type() }}) as came_at, helped._delivery_id, helped._source_row
    from {{ ref('stg_f14_youth_prevention_case') }} as helped
    {{ rule_in_force('YP-Y2', 'helped.close_date') }}
    where helped.close_reason in ('1', '2') and coalesce(helped.school_work_status, '4') = '4'
)
{{ lights([warning_missing('needs', ['region_code'])]) }}
