-- Grain: one row per choice of 区县 and rule outside the zones: its lights by what became of them, and what
-- reviews of the last two quarters that are over say of the rule in the whole city.
with rule as (
    select rule_id, any_value(area_zh order by ground) as area_zh, any_value(light order by ground) as light,
        string_agg(distinct condition_zh, '；或' order by condition_zh) as condition_zh,
        any_value(legal_basis_zh order by ground) as basis_zh
    from seed_warning_rule
    where light in ('R', 'Y') and left(rule_id, 2) not in ('MH', 'YP')
        and (valid_to is null or valid_to > timestamp '{as_of}')
    group by rule_id
),
counted as (
    select district, scope_code, rule_id, sum(lights_n) as lights_n, sum(month_n) as month_n,
        sum(lights_n) filter (where is_standing) as standing_n,
        sum(lights_n) filter (where life_state = 'raised') as raised_n,
        sum(lights_n) filter (where life_state = 'reviewed') as reviewed_n,
        sum(lights_n) filter (where life_state = 'contested') as contested_n,
        sum(lights_n) filter (where life_state = 'transferred') as transferred_n,
        sum(lights_n) filter (where life_state = 'closed') as closed_n,
        min(oldest) filter (where is_standing) as oldest
    from pages.light group by all
),
precise as (
    select rule_id, sum(reviewed_n) as reviewed_n, sum(confirmed_n) as confirmed_n,
        min(least_precision) as least, bool_or(is_to_retune and ordinal = 1) as is_to_retune
    from (
        select *, row_number() over (partition by rule_id order by quarter_start desc) as ordinal
        from agg_warning_precision
        where reviewed_n > 0 and quarter_start + interval 3 month <= timestamp '{as_of}')
    where ordinal <= 2 group by rule_id
)
select
    place.district, rule.rule_id, case left(rule.rule_id, 2) when 'XL' then '两法衔接' else '其他' end as family,
    rule.area_zh as area_text, rule.rule_id || ' ' || rule.condition_zh as rule_text,
    case rule.light when 'R' then '■ 红' else '▲ 黄' end as light_text,
    coalesce(counted.standing_n, 0) as standing_n, coalesce(counted.month_n, 0) as month_n,
    coalesce(counted.lights_n, 0) as lights_n, coalesce(counted.raised_n, 0) as raised_n,
    coalesce(counted.reviewed_n, 0) as reviewed_n, coalesce(counted.contested_n, 0) as contested_n,
    coalesce(counted.transferred_n, 0) as transferred_n, coalesce(counted.closed_n, 0) as closed_n,
    coalesce(strftime(counted.oldest, '%Y-%m-%d'), '—') as oldest_text,
    coalesce(format('{:,} / {:,}', precise.confirmed_n::bigint, precise.reviewed_n::bigint), '—') as base_text,
    case when precise.reviewed_n is null then '○ 无复核'
        when precise.is_to_retune then printf('▲ %.0f%% 应修订', 100.0 * precise.confirmed_n / precise.reviewed_n)
        when 100.0 * precise.confirmed_n / precise.reviewed_n < precise.least
            then printf('▲ %.0f%%', 100.0 * precise.confirmed_n / precise.reviewed_n)
        else printf('● %.0f%%', 100.0 * precise.confirmed_n / precise.reviewed_n) end as precision_text,
    rule.basis_zh as basis_text,
    row_number() over (partition by place.district, family order by left(rule.rule_id, 2), rule.rule_id) as rule_no,
    place.scope_code
from pages.scope as place
cross join rule
left join counted using (district, scope_code, rule_id)
left join precise on precise.rule_id = rule.rule_id
where place.unit_level in ('city', 'district')
