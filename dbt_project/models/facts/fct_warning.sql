-- One row per lit warning (rule and entity) at as_of: what was compared, by which version of which
-- rule, on which case, and what became of it. No person and no token stands here.
with lit as (
    {% for rule in ['warn_xl_r01', 'warn_xl_r05', 'warn_xl_y02', 'warn_xl_y03'] %}
    select
        rule_id, rule_version, entity_kind, entity_code, case_id, cases_n, raised_at, value_compared,
        threshold, measure_zh, threshold_key, _delivery_id, _source_row
    from {{ ref(rule) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
-- What the platform knows of the same light: its own row of the rule, else the case's newest one.
told as (
    select
        lit.rule_id, lit.entity_code, warned.review_time, warned.review_result, warned.object_date,
        warned.transfer_time, warned.police_result,
        row_number() over (
            partition by lit.rule_id, lit.entity_code
            order by case when warned.warning_id = lit.entity_code then 0
                when warned.rule_id = lit.rule_id then 1 else 2 end, warned.warn_time desc,
                warned.warning_id) as ordinal
    from lit
    inner join {{ ref('fct_transfer_warning') }} as warned on warned.case_id = lit.case_id
)
select
    lit.rule_id || ' ' || lit.entity_code as warning_key,
    lit.rule_id, lit.rule_version, rule.light, rule.area_zh, lit.entity_kind, lit.entity_code,
    lit.case_id, lit.cases_n,
    {{ unit_department_column('filed.agency_code') }},
    coalesce(filed.case_domain, 'unassigned') as unit_enforcement_domain,
    {{ unit_region_column('filed.region_code') }},
    coalesce(town.unit_town, 'unassigned') as unit_town,
    lit.raised_at, lit.value_compared, lit.threshold, lit.measure_zh, lit.threshold_key,
    rule.condition_zh, rule.legal_basis_zh,
    case when told.transfer_time is not null or filed.transfer_date is not null then 'transferred'
        when filed.close_date is not null or filed.decide_date is not null then 'closed'
        else 'raised' end as life_state,
    coalesce(told.transfer_time, {{ midnight('filed.transfer_date') }}) as transferred_at,
    coalesce(filed.close_date, filed.decide_date) as closed_date,
    told.review_time as reviewed_at, told.review_result, told.object_date as contested_date,
    told.police_result,
    lit._delivery_id, lit._source_row
from lit
inner join {{ ref('seed_warning_rule') }} as rule
    on rule.rule_id = lit.rule_id and rule.rule_version = lit.rule_version
left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = lit.case_id
left join told on told.rule_id = lit.rule_id and told.entity_code = lit.entity_code and told.ordinal = 1
{{ unit_department_join('filed.agency_code') }}
{{ unit_region_join('filed.region_code') }}
left join {{ ref('int_town_unit') }} as town on town.town_code = filed.town_code
where lit.raised_at <= {{ as_of() }}
