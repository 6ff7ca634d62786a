-- One row per light (rule, entity, occasion): what was compared, by which version and ground of which
-- rule, and its life: raised, reviewed, contested, transferred, closed. A light stays when its matter
-- ends (ended_at). Here are matters, departments, feeds and districts: no person, no token of one, and
-- of an L4 zone only what its counts say (YP-R1's monthly total, YP-Q1).
with lit as (
    {% for rule in [
        'xl_r01', 'xl_r02', 'xl_r03', 'xl_r04', 'xl_r05', 'xl_r06', 'xl_y01', 'xl_y02', 'xl_y03', 'xl_y04',
        'xl_y05', 'xl_y06', 'yp_r1', 'yp_q1', 'dm_r1', 'dm_r2', 'dm_y1', 'dm_y2', 'dm_y3', 'rd_r1',
        'rd_r2', 'rd_r3', 'rd_y1', 'rd_y2', 'rd_y3', 'pt_y1', 'pt_r1', 'pt_y2', 'pt_r2', 'ec_y1',
        'ec_r1', 'ps_y1', 'ps_r1', 'cm_y1', 'cm_r1', 'dq_y1', 'dq_r1', 'dq_r2'] %}
    select {{ light_columns() }} from {{ ref('warn_' ~ rule) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
-- A decision tells where it belongs, whatever feed its light was read from.
placed as (
    select
        lit.*, filed.case_domain, coalesce(lit.org_code, filed.agency_code, decision.lead_org_code) as place_org,
        coalesce(lit.region_code, filed.region_code, decision.region_code, substr(lit.town_code, 1, 6)) as place_region,
        coalesce(lit.town_code, filed.town_code) as place_town,
        filed.transfer_date
    from lit
    left join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = lit.case_id
    left join {{ ref('fct_decision') }} as decision
        on lit.entity_kind = 'decision' and decision.decision_id = lit.entity_code
),
-- What the platform knows of the same light: its own row of the rule, else the case's newest one, which
-- tells of the transfer but not of a review: that was of another light.
told as (
    select
        lit.rule_id, lit.entity_code, warned.object_date, warned.transfer_time, warned.police_result,
        case when warned.warning_id = lit.entity_code or warned.rule_id = lit.rule_id
            then warned.review_time end as review_time,
        case when warned.warning_id = lit.entity_code or warned.rule_id = lit.rule_id
            then warned.review_result end as review_result,
        row_number() over (
            partition by lit.rule_id, lit.entity_code
            order by case when warned.warning_id = lit.entity_code then 0
                when warned.rule_id = lit.rule_id then 1 else 2 end, warned.warn_time desc,
                warned.warning_id) as ordinal
    from lit
    inner join {{ ref('fct_transfer_warning') }} as warned on warned.case_id = lit.case_id
)
select
    lit.rule_id || ' ' || lit.entity_code || case when lit.occasion = '' then '' else ' ' || lit.occasion end as warning_key,
    lit.rule_id, lit.rule_version, lit.ground, rule.light, rule.area_zh, lit.entity_kind, lit.entity_code,
    lit.occasion, lit.case_id, lit.cases_n,
    {{ unit_department_column('lit.place_org') }},
    coalesce(lit.case_domain, 'unassigned') as unit_enforcement_domain,
    {{ unit_region_column('lit.place_region') }},
    coalesce(town.unit_town, 'unassigned') as unit_town,
    lit.raised_at, lit.value_compared, lit.threshold, lit.measure_zh, lit.threshold_key,
    rule.condition_zh, rule.legal_basis_zh, rule.basis_mark,
    case when told.transfer_time is not null or lit.transfer_date is not null then 'transferred'
        when lit.ended_at is not null then 'closed'
        when told.object_date is not null then 'contested'
        when told.review_time is not null then 'reviewed'
        else 'raised' end as life_state,
    lit.ended_at is null as is_standing,
    lit.ended_at,
    coalesce(told.transfer_time, {{ midnight('lit.transfer_date') }}) as transferred_at,
    told.review_time as reviewed_at, told.review_result, told.object_date as contested_date,
    told.police_result,
    lit._delivery_id, lit._source_row
from placed as lit
inner join {{ ref('seed_warning_rule') }} as rule
    on rule.rule_id = lit.rule_id and rule.rule_version = lit.rule_version and rule.ground = lit.ground
left join told on told.rule_id = lit.rule_id and told.entity_code = lit.entity_code and told.ordinal = 1
{{ unit_department_join('lit.place_org') }}
{{ unit_region_join('lit.place_region') }}
left join {{ ref('int_town_unit') }} as town on town.town_code = lit.place_town
