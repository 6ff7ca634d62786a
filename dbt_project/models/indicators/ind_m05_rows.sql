-- M05, population: measures against risk points (period date = day due), of the report version that
-- is the latest of its decision at the reading, the month's end or as_of; numerator: done by 24:00 of
-- that day. Reading 17: done before the deadline counts at once, an open one enters when it passes.
select
    point.risk_point_id as row_key,
    point.measure_due as period_date,
    {{ unit_department_column('point.measure_org_code') }},
    org.unit_town,
    {{ unit_region_column('point.region_code') }},
    case when point.measure_done <= point.measure_due then 1 else 0 end as is_numerator,
    case when point.measure_due < {{ as_of_date() }} or point.measure_done <= point.measure_due
        then 1 else 0 end as is_denominator,
    case when point.measure_done is null then 1 else 0 end as is_open,
    point.measure_due, point.measure_done, point.risk_factor, point.after_level, point.report_version,
    point._delivery_id, point._source_row
from (
    select
        measure.risk_point_id, measure.risk_factor, measure.after_level, measure.measure_org_code,
        measure.measure_due,
        case when measure.measure_done <= {{ as_of_date() }} then measure.measure_done end as measure_done,
        report.decision_id, report.report_version, report.report_date, report.region_code,
        least(last_day(measure.measure_due), {{ as_of_date() }}) as reading_date,
        measure._delivery_id, measure._source_row
    from {{ ref('stg_p08_risk_point_measure') }} as measure
    inner join {{ ref('fct_risk_report') }} as report on report.report_id = measure.report_id
) as point
left join (
    select decision_id, report_version, min(report_date) as report_date
    from {{ ref('fct_risk_report') }}
    group by decision_id, report_version
) as newer
    on newer.decision_id = point.decision_id and newer.report_version > point.report_version
    and newer.report_date <= point.reading_date
{{ unit_department_join('point.measure_org_code') }}
{{ unit_region_join('point.region_code') }}
where point.report_date <= point.reading_date and newer.decision_id is null
