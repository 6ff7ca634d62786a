-- Grain: one row per choice of 月份, card and version of the index: what it rests on, whether its gate let it
-- through, and whether the month is released: 草稿 until a release record (R08) with two signatories names month
-- and version. A version without a published month stands under 最新. From the day on which a month's values are
-- final the units have five workdays to contest a number; a record signed before they are over releases nothing
-- (stability_index.md §9). Beyond the calendar's end nobody knows these days, and the month stays a draft.
with reply as (
    select month.period_end, min(later.cal_date) as until_day
    from (select distinct period_end from pages.index_month) as month
    join dim_date as final on final.cal_date = month.period_end + {monthly_day}
    join dim_date as later on later.is_workday and later.workday_no = final.workday_no + 5
    group by all
),
record as (
    select release_version, period_end, max(released_time) as released_time
    from stg_r08_release_record join reply using (period_end)
    where release_kind = '01' and released_time <= timestamp '{as_of}' and released_time::date > until_day
    group by all
)
select
    coalesce(month.period, '最新') as period,
    case state.card when 'TOWN' then '镇街卡' else '部门卡' end as card_text,
    state.index_version as version_text,
    strftime(state.valid_from, '%Y-%m-%d') || coalesce(strftime(state.valid_to, '至%Y-%m-%d'), '起') as valid_text,
    coalesce(strftime(month.period_start, '%Y年') || month(month.period_start)::varchar || '月', '未发布') as month_text,
    coalesce('已发布 ' || strftime(record.released_time, '%Y-%m-%d'), '草稿') as release_text,
    coalesce(strftime(reply.until_day, '%m-%d') || case when reply.until_day >= timestamp '{as_of}'::date
        then '前' else '止' end, '—') as reply_text,
    coalesce(printf('%.4f', state.consistency_ratio), '等权') as consistency_text,
    coalesce(printf('%.2f', other.kendall_tau), '—') as tau_text,
    coalesce(printf('%.1f%%', 100 * other.band_changed_share), '—') as moved_text,
    coalesce('■ ' || state.blocked_zh, '● 通过') as gate_text,
    case state.card when 'TOWN' then 1 else 2 end as card_no,
    'city' as scope_code
from index_version_state as state
left join pages.index_month as month using (card, index_version)
left join record
    on record.release_version = state.index_version and record.period_end = month.period_end
left join reply on reply.period_end = month.period_end
left join index_alternative as other
    on other.index_version = state.index_version and other.card = state.card
    and other.alternative = 'weights=equal'
