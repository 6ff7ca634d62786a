-- Grain: one row per choice of 区县 and set of rules: how the cases with a red light of the transfer (G14) came
-- by it. A case counts once, whichever of its rules lit it; the parts add up to the first row.
with lit as (
    select enforcement.case_id, left(enforcement.region_code, 6) as district_code,
        coalesce(string_agg(distinct warning.rule_id, ' + ' order by warning.rule_id), '规则已停用') as rules_text,
        coalesce(bool_or(warning.is_standing), false) as is_standing,
        min(enforcement.first_red_time) as first_time
    from fct_enforcement_case as enforcement
    left join fct_warning as warning
        on warning.case_id = enforcement.case_id and warning.light = 'R' and left(warning.rule_id, 2) = 'XL'
    where enforcement.light = 'R'
    group by enforcement.case_id, enforcement.region_code
),
place as (select * from pages.scope where unit_level in ('city', 'district')),
part as (
    select place.district, place.scope_code, lit.rules_text, count(*) as cases_n,
        count(*) filter (where lit.is_standing) as standing_n, min(lit.first_time) as first_time,
        max(lit.first_time) as last_time
    from place
    inner join lit on place.unit_level = 'city' or lit.district_code = place.unit_code
    group by all
)
select district, scope_code, rules_text,
    array_to_string(list_transform(string_split(rules_text, ' + '), lambda rule: case rule
        when 'XL-R01' then '达到追诉标准而未移送' when 'XL-R02' then '已作处罚而未移送（以罚代刑）'
        when 'XL-R03' then '行为本身涉嫌犯罪而未移送' when 'XL-R04' then '多次受罚又犯而未移送'
        when 'XL-R05' then '移送时限已过' when 'XL-R06' then '公安决定时限已过' else rule end), '；并且') as meaning_text,
    cases_n, standing_n, cases_n - standing_n as ended_n, strftime(first_time, '%Y-%m-%d') as first_text,
    strftime(last_time, '%Y-%m-%d') as last_text,
    row_number() over (partition by district order by cases_n desc, rules_text) as part_no
from part
union all
select place.district, place.scope_code, '合计', '红灯案件（一案只计一次）', coalesce(sum(cases_n), 0),
    coalesce(sum(standing_n), 0), coalesce(sum(cases_n - standing_n), 0),
    coalesce(strftime(min(first_time), '%Y-%m-%d'), '—'), coalesce(strftime(max(last_time), '%Y-%m-%d'), '—'), 0
from place left join part using (district, scope_code)
group by place.district, place.scope_code
