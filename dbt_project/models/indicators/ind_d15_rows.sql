-- D15, population: disputes with any event (F20) in the quarter, once per quarter; value: 1 if one of the
-- events passed it to the police as a crime (09). Period date and district are those of the first such
-- event, else of the last event. is_homicide: the crime was a homicide (kind 1).
select
    event.dispute_code || ' ' || {{ year_month(period_start('quarter', 'event.event_date')) }} as row_key,
    event.event_date as period_date,
    {{ unit_town_columns() }},
    event.is_crime as value,
    event.is_homicide,
    0 as is_open,
    event.event_time, event.crime_kind, event._delivery_id, event._source_row
from (
    select
        *,
        max(case when is_crime = 1 and crime_kind = '1' then 1 else 0 end) over (
            partition by dispute_code, quarter_start) as is_homicide,
        row_number() over (
            partition by dispute_code, quarter_start
            order by is_crime desc, case when is_crime = 1 then event_time end,
                event_time desc, event_id) as ordinal
    from (
        select
            event_id, dispute_code, event_time, cast(event_time as date) as event_date, crime_kind, town_code,
            {{ period_start('quarter', 'event_time') }} as quarter_start,
            case when to_state = '09' then 1 else 0 end as is_crime, _delivery_id, _source_row
        from {{ ref('fct_dispute_event') }}
        where event_time <= {{ as_of() }}
    ) as known
) as event
{{ unit_town_joins('event.town_code') }}
where event.ordinal = 1
