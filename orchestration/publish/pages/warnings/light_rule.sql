-- Grain: one row per choice of 区县 and rule: lights that stand, those of the last 30 days, and what reviews say of the rule.
-- Lights of the city's own desk and without a district are in the city's row.
with rule as (
    select rule_id, any_value(area_zh order by ground) as area_zh, any_value(light order by ground) as light,
        string_agg(condition_zh, '；或' order by ground) as condition_zh,
        any_value(legal_basis_zh order by ground) as basis_zh
    from seed_warning_rule where valid_to is null and light in ('R', 'Y')
        -- What came out of an L4 zone is told by its indicators, hidden cells and all.
        and left(rule_id, 2) not in ('MH', 'YP') group by 1
),
place as (
    select district, unit_level, unit_code, scope_code from pages.scope where unit_level in ('city', 'district')
),
counted as (
    select place.district, place.scope_code, lit.rule_id,
        count(*) filter (where lit.is_standing) as standing_n,
        count(*) filter (where lit.raised_at > timestamp '{as_of}' - interval 30 day) as raised_n,
        count(*) filter (where not lit.is_standing) as ended_n,
        min(lit.raised_at) filter (where lit.is_standing) as oldest
    from fct_warning as lit
    inner join place on place.unit_level = 'city' or place.unit_code = lit.unit_district
    group by all
),
precise as (
    select rule_id, sum(reviewed_n) as reviewed_n, sum(confirmed_n) as confirmed_n,
        bool_or(is_to_retune) as is_to_retune
    from agg_warning_precision group by 1
)
select
    place.district, rule.area_zh as area_text, rule.rule_id || ' ' || rule.condition_zh as rule_text,
    case rule.light when 'R' then '■ 红' else '▲ 黄' end as light_text,
    coalesce(counted.standing_n, 0) as standing_n, coalesce(counted.raised_n, 0) as raised_n,
    coalesce(counted.ended_n, 0) as ended_n,
    coalesce(strftime(counted.oldest, '%Y-%m-%d'), '—') as oldest_text,
    case when coalesce(precise.reviewed_n, 0) = 0 then '无复核记录'
        else printf('%.0f%%', 100.0 * precise.confirmed_n / precise.reviewed_n)
            || case when precise.is_to_retune then '（应修订）' else '' end end as precision_text,
    rule.basis_zh as basis_text,
    row_number() over (partition by place.district, place.scope_code
        order by counted.standing_n desc nulls last, rule.rule_id) as rule_no,
    place.scope_code
from place cross join rule
left join counted using (district, scope_code, rule_id)
left join precise on precise.rule_id = rule.rule_id
