-- Grain: one row per choice of 月份, card and version of the index: what it rests on, whether its gate let it
-- through, and whether the month is released: 草稿 until a release record (R08) with two signatories names month
-- and version. A version without a published month stands under 最新.
with record as (
    select release_version, period_end, max(released_time) as released_time
    from stg_r08_release_record
    where release_kind = '01' and released_time <= timestamp '{as_of}'
    group by all
)
select
    coalesce(month.period, '最新') as period,
    case state.card when 'TOWN' then '镇街卡' else '部门卡' end as card_text,
    state.index_version as version_text,
    strftime(state.valid_from, '%Y-%m-%d') || coalesce(strftime(state.valid_to, '至%Y-%m-%d'), '起') as valid_text,
    coalesce(strftime(month.period_start, '%Y年') || month(month.period_start)::varchar || '月', '未发布') as month_text,
    coalesce('已发布 ' || strftime(record.released_time, '%Y-%m-%d'), '草稿') as release_text,
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
left join index_alternative as other
    on other.index_version = state.index_version and other.card = state.card
    and other.alternative = 'weights=equal'
