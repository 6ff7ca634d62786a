-- Grain: one row per card of the version in force: what it rests on, in one line.
with newest as (
    select index_version, card, max(period_end) as period_end
    from fct_index where is_official or is_blocked group by index_version, card
    qualify row_number() over (partition by card order by max(period_end) desc, index_version desc) = 1
)
select
    case newest.card when 'TOWN' then '镇街评分卡' else '部门评分卡' end as card_text,
    state.index_version as version_text,
    strftime(state.valid_from, '%Y-%m-%d') as valid_text,
    strftime(newest.period_end, '%Y年') || month(newest.period_end)::varchar || '月' as month_text,
    coalesce(printf('%.4f', state.consistency_ratio), '等权，无判断矩阵') as consistency_text,
    coalesce(printf('%.2f', alternative.kendall_tau), '—') as tau_text,
    coalesce(printf('%.0f%%', 100 * alternative.band_changed_share), '—') as moved_text,
    coalesce('■ ' || state.blocked_zh, '● 通过') as gate_text,
    'city' as scope_code
from newest
inner join index_version_state as state using (index_version, card)
left join index_alternative as alternative
    on alternative.index_version = newest.index_version and alternative.card = newest.card
    and alternative.alternative = 'weights=equal'
