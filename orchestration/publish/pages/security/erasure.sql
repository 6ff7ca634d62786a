-- Grain: one row per feed with a period of retention that has run out for some row: what was deleted
-- with proof (DP-15), newest first; one row saying so where nothing has been due yet.
with run as (
    select feed_name(word.name_zh) as feed, run.feed_code, strftime(run.run_time, '%Y-%m-%d') as run_text,
        strftime(run.cutoff_time, '%Y-%m-%d') as cutoff_text,
        case when zoned_feed.feed_code is null or run.rows_n >= 10 then run.rows_n end as erased_rows,
        '● 已删除并压实' as state_text, run.run_time
    from stg_retention_run as run
    left join contract_word as word using (feed_code)
    left join zoned_feed using (feed_code)
    where run.run_time <= timestamp '{as_of}'
),
told as (
    select * from run
    union all
    select '尚无到期数据', '', '—', '—', 0, '● 没有到期未删', null where not exists (select 1 from run)
)
select * exclude (run_time), row_number() over (order by run_time desc, feed_code) as run_no,
    'operations' as scope_code
from told
