-- M08, population: decisions whose latest report at the reading (the year's end or as_of) says low risk
-- and names a project (period date = the 365th day after its filing, entered when it has passed);
-- numerator: trouble with the project after the filing and within those days: a group appeal, a call
-- with an injury, or together ten petitions and calls. Without a project it cannot be followed: it is
-- outside both sides, and is_low counts it.
with low as (
    select
        report.report_id, report.project_code, report.region_code, report.report_version, report.filed_date,
        {{ add_days('report.filed_date', 365) }} as followed_until, report._delivery_id, report._source_row
    from {{ ref('fct_risk_report') }} as report
    left join (
        select decision_id, report_version, min(report_date) as report_date
        from {{ ref('fct_risk_report') }}
        group by decision_id, report_version
    ) as newer
        on newer.decision_id = report.decision_id and newer.report_version > report.report_version
        and newer.report_date <= {{ period_end('year', add_days('report.filed_date', 365)) }}
    where report.risk_level = 'L' and newer.decision_id is null
      and {{ add_days('report.filed_date', 365) }} < {{ as_of_date() }}
),
trouble as (
    select low.report_id, 1 as group_n, 0 as injury_n, 0 as trouble_n
    from low
    inner join {{ ref('stg_p29_group_appeal_aggregate') }} as appeal
        on appeal.project_code = low.project_code
        and appeal.week_start > low.filed_date and appeal.week_start <= low.followed_until
    union all
    select
        low.report_id, 0, case when called.injury_flag then 1 else 0 end,
        called.dispute_call_n + called.obstruct_call_n + called.labour_call_n + called.env_call_n
    from low
    inner join {{ ref('stg_p41_project_related_call') }} as called
        on called.project_code = low.project_code
        and called.week_start > low.filed_date and called.week_start <= low.followed_until
    union all
    select low.report_id, 0, 0, 1
    from low
    inner join {{ ref('stg_p26_petition_matter') }} as matter
        on matter.project_code = low.project_code
        and cast(matter.register_time as date) > low.filed_date
        and cast(matter.register_time as date) <= low.followed_until
),
followed as (
    select
        report_id, cast(sum(group_n) as bigint) as group_n, cast(sum(injury_n) as bigint) as injury_n,
        cast(sum(trouble_n) as bigint) as trouble_n
    from trouble
    group by report_id
)
select
    low.report_id as row_key,
    low.followed_until as period_date,
    {{ unit_region_column('low.region_code') }},
    case when low.project_code is not null
        and (followed.group_n > 0 or followed.injury_n > 0 or followed.trouble_n >= 10)
        then 1 else 0 end as is_numerator,
    case when low.project_code is not null then 1 else 0 end as is_denominator,
    0 as is_open,
    1 as is_low,
    low.filed_date, low.followed_until, low.project_code,
    coalesce(followed.group_n, 0) as group_n,
    coalesce(followed.injury_n, 0) as injury_n,
    coalesce(followed.trouble_n, 0) as trouble_n,
    low._delivery_id, low._source_row
from low
left join followed on followed.report_id = low.report_id
{{ unit_region_join('low.region_code') }}
