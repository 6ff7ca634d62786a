-- Grain: one row per choice of 区县, kind of reader and matter: the newest five of each town that are in an
-- indicator's denominator and not in its numerator, the towns with the most of them first. A matter is a case
-- number with its middle hidden, its kind and its dates: no person, no text. Only indicators without disclosure
-- control; nothing of the L4 zones, nothing of the police's own calls.
with failing as (
    select 'D09' as indicator_code, row_key, unit_town, unit_district, null as unit_department,
        coalesce(kind.label_zh, '其他') as kind_text, register_time as begun,
        last_day(cast(register_time as date)) + interval 60 day as due, first_resolved_time as done
    from ind_d09_rows
    left join dim_code as kind on kind.code_table = 'DISPUTE_TYPE' and kind.code = dispute_type
    where is_denominator = 1 and is_numerator = 0
        -- Of a month that is not final yet nothing has failed.
        and last_day(cast(register_time as date)) + interval 61 day <= timestamp '{as_of}'
    union all
    select 'D07', row_key, unit_town, unit_district, unit_department, '12345工单', accept_time, due_time, finish_time
    from ind_d07_rows where is_denominator = 1 and is_numerator = 0
    union all
    select 'D02', row_key, unit_town, unit_district, unit_department, '信访事项', accepted_time,
        close_due::timestamp, closed_time
    from ind_d02_rows where is_denominator = 1 and is_numerator = 0
    union all
    select 'U01', row_key, unit_town, unit_district, unit_department, '城管案卷', file_time, due_time, handle_time
    from ind_u01_rows where is_denominator = 1 and is_numerator = 0
    union all
    select 'K02', row_key, unit_town, unit_district, unit_department, '隐患', find_time, rectify_due::timestamp,
        rectify_date::timestamp
    from ind_k02_rows where is_denominator = 1 and is_numerator = 0
    union all
    select 'P04', row_key, unit_town, unit_district, unit_department, '移交警情', dispatch_time, due_time, finish_time
    from ind_p04_rows where is_denominator = 1 and is_numerator = 0
),
newest as (
    select failing.*, count(*) over (partition by indicator_code, unit_town) as town_n
    from failing
    where unit_town <> 'unassigned' and due > timestamp '{as_of}' - interval 12 month and due <= timestamp '{as_of}'
    qualify row_number() over (partition by indicator_code, unit_town order by due desc, row_key desc) <= 5
),
line as (
    select
        viewer.district, viewer.scope_code, newest.indicator_code, town.name_zh as town, home.name_zh as place,
        newest.town_n, left(row_key, 3) || '…' || right(row_key, 3) as matter_text, newest.kind_text,
        coalesce(office.name_zh, '—') as org_text, strftime(begun, '%Y-%m-%d') as begun_text,
        strftime(due, '%Y-%m-%d') as due_text,
        case when done is null or done > timestamp '{as_of}'
            then '■ 未办结，超期' || case when due::date = cast(timestamp '{as_of}' as date) then '不到1日'
                else date_diff('day', due::date, cast(timestamp '{as_of}' as date))::varchar || '日' end
            else '▲ ' || greatest(1, date_diff('day', due::date, done::date))::varchar || '日后办结' end as state_text,
        row_number() over (partition by viewer.district, viewer.scope_code, newest.indicator_code
            order by newest.town_n desc, newest.unit_town, due desc, row_key desc) as matter_no
    from newest
    inner join pages.viewer as viewer on viewer.of_district is null or newest.unit_district = viewer.of_district
    inner join dim_unit as town on town.unit_level = 'town' and town.unit_code = newest.unit_town
    left join dim_unit as home on home.unit_level = 'district' and home.unit_code = newest.unit_district
    left join dim_unit as office on office.unit_level = 'department' and office.unit_code = newest.unit_department
)
select * from line
union all
-- None is said, too: a page never shows an empty table.
select viewer.district, viewer.scope_code, listed.indicator_code, '近12个月没有', '—', 0, '—', '—', '—', '—', '—', '○ 无', 1
from (values ('D09'), ('D07'), ('D02'), ('U01'), ('K02'), ('P04')) as listed (indicator_code)
cross join pages.viewer as viewer
where (viewer.district, viewer.scope_code, listed.indicator_code) not in (
    select (district, scope_code, indicator_code) from line)
