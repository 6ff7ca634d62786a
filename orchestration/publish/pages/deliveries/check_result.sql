-- Grain: one row per feed and table-level check: its last run, and its record of 30 days.
with run as (
    select * from fct_quality_test
    where run_time > timestamp '{as_of}' - interval 30 day and run_time <= timestamp '{as_of}'
),
record as (
    select feed_code, test_name, count(*) as runs_n, count(*) filter (where passed) as passed_n
    from run group by all
),
last_run as (
    select * from run
    qualify row_number() over (partition by feed_code, test_name order by run_time desc) = 1
)
select
    coalesce(feed_name(unit.name_zh), last_run.feed_code) as feed, last_run.feed_code, last_run.test_name,
    coalesce(check_word.word, '表级检查') as test_text,
    case last_run.severity when 'E' then '错误级' else '警告级' end as severity_text,
    case when last_run.passed then '● 通过' when last_run.severity = 'E' then '■ 未通过'
        else '▲ 未通过' end as result_text,
    -- What fails stands first.
    row_number() over (order by last_run.passed, last_run.severity, last_run.feed_code,
        last_run.test_name) as check_order,
    case when zoned_feed.feed_code is null then last_run.checked_rows_n
        when last_run.checked_rows_n >= 10 then last_run.checked_rows_n // 10 * 10 end as checked_rows_n,
    case when zoned_feed.feed_code is null then last_run.failed_rows_n
        when last_run.failed_rows_n >= 10 then last_run.failed_rows_n // 10 * 10 end as failed_rows_n,
    -- What a small count of a zone leaves open is said in words, never as an empty cell. A zone's
    -- counts are rounded down to tens, as on its own pages: two days apart give no single case.
    case when last_run.checked_rows_n is null then '—'
        when zoned_feed.feed_code is null then format('{:,}', last_run.checked_rows_n::bigint)
        when last_run.checked_rows_n >= 10 then format('{:,}', (last_run.checked_rows_n // 10 * 10)::bigint)
        else '少于10' end as checked_text,
    case when last_run.failed_rows_n is null then '—'
        when zoned_feed.feed_code is null then format('{:,}', last_run.failed_rows_n::bigint)
        when last_run.failed_rows_n >= 10 then format('{:,}', (last_run.failed_rows_n // 10 * 10)::bigint)
        else '少于10' end as failed_text,
    printf('%d/%d', record.passed_n, record.runs_n) as record_text,
    strftime(last_run.run_time, '%m-%d %H:%M') as run_text,
    'operations' as scope_code
from last_run
inner join record using (feed_code, test_name)
left join check_word
    on check_word.feed_code = last_run.feed_code and check_word.test_name = last_run.test_name
left join zoned_feed on zoned_feed.feed_code = last_run.feed_code
left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = last_run.feed_code
