-- Grain: one row per choice of 区县 and clock of the transfer (24 hours, three days): how often it ran out.
select
    place.district,
    case when rule.limit_hours is not null then rule.limit_hours || ' 小时' else rule.limit_days || ' 日' end as limit_text,
    rule.condition_zh as clock_text,
    coalesce(sum(light.lights_n), 0) as lights_n,
    coalesce(sum(light.lights_n) filter (where light.is_standing), 0) as standing_n,
    case when coalesce(sum(light.lights_n) filter (where light.is_standing), 0) > 0 then '■ 有超时'
        when coalesce(sum(light.lights_n), 0) > 0 then '▲ 曾超时' else '● 无超时' end as light_text,
    rule.legal_basis_zh as basis_text,
    case rule.rule_id || rule.ground when 'XL-R05b' then 1 when 'XL-R05a' then 2 when 'XL-R06a' then 3
        when 'XL-R06b' then 4 else 5 end as clock_no,
    place.scope_code
from pages.scope as place
cross join (
    select * from seed_warning_rule
    where rule_id in ('XL-R05', 'XL-R06') and (valid_to is null or valid_to > timestamp '{as_of}')
) as rule
left join pages.light as light
    on light.district = place.district and light.scope_code = place.scope_code
    and light.rule_id = rule.rule_id and light.ground = rule.ground
where place.unit_level in ('city', 'district')
group by all
