{# Three shapes of warning rules. Each gives rows of one grain, lit at as_of:
     rule_id, rule_version, entity_kind, entity_code, case_id, cases_n, raised_at, value_compared,
     threshold, measure_zh, threshold_key, _delivery_id, _source_row.
   The rule's numbers and its dates stand in seed_warning_rule; a matter is judged by the version in
   force on the day it began. A light asks a person to look; it decides nothing. #}

{# Clock: something had to happen by due_at and had not. `timers` is a relation with entity_kind,
   entity_code, case_id, started_at, due_at, stopped_at (null: still running), rule_id, rule_version. #}
{% macro warning_clock(timers) %}
select
    rule_id, rule_version, entity_kind, entity_code, case_id,
    cast(1 as bigint) as cases_n,
    due_at as raised_at,
    {{ elapsed_days('started_at', 'coalesce(stopped_at, ' ~ as_of() ~ ')') }} * 24 as value_compared,
    {{ elapsed_days('started_at', 'due_at') }} * 24 as threshold,
    '小时' as measure_zh,
    cast(null as {{ dbt.type_string() }}) as threshold_key,
    _delivery_id, _source_row
from {{ timers }}
where due_at < {{ as_of() }} and coalesce(stopped_at, {{ as_of() }}) > due_at
{% endmacro %}

{# The version of a rule in force on a day. #}
{% macro rule_in_force(rule_id, day) -%}
inner join {{ ref('seed_warning_rule') }} as rule
    on rule.rule_id = '{{ rule_id }}' and rule.valid_from <= {{ day }}
    and (rule.valid_to is null or rule.valid_to > {{ day }})
{%- endmacro %}

{# What a case (`filed`) weighs under a row of seed_charge_threshold; null where the case does not
   state that kind. Of two amounts of the kind the larger counts. #}
{% macro charge_metric(kind, code, other_code='null') -%}
case {{ kind }}
        when 'amount' then cast(case
            when filed.amount_kind in ({{ code }}, coalesce({{ other_code }}, {{ code }}))
                and filed.amount2_kind in ({{ code }}, coalesce({{ other_code }}, {{ code }}))
                then greatest(filed.amount_involved, filed.amount2)
            when filed.amount_kind in ({{ code }}, coalesce({{ other_code }}, {{ code }})) then filed.amount_involved
            when filed.amount2_kind in ({{ code }}, coalesce({{ other_code }}, {{ code }})) then filed.amount2
        end as double)
        -- Sold and unsold goods together: three times the first kind and the second.
        when 'weighted' then cast(
            3 * case when filed.amount_kind = {{ code }} then filed.amount_involved
                when filed.amount2_kind = {{ code }} then filed.amount2 else 0 end
            + case when filed.amount_kind = {{ other_code }} then filed.amount_involved
                when filed.amount2_kind = {{ other_code }} then filed.amount2 else 0 end as double)
        when 'quantity' then case when filed.quantity_kind = {{ code }} then filed.quantity end
        when 'act' then case when filed.act_flag = {{ code }} then cast(1 as double) end
        when 'prior_2y' then cast(filed.prior_penalty_n as double)
        when 'prior_3y' then cast(filed.prior_penalty_3y_n as double)
        when 'prior_ever' then cast(filed.prior_penalty_ever_n as double)
    end
{%- endmacro %}

{# Threshold: a case weighs at least what a criminal threshold of its charge and domain says, by the
   row in force on the day of filing, and its extra condition is established where the row has one.
   A row may have an alternative test (and a second half of it). One light per case: the first row. #}
{% macro warning_threshold(rule_id) %}
with weighed as (
    select
        filed.case_id, filed.file_date, rule.rule_version, line.rule_key, line.unit_zh,
        {{ charge_metric('line.metric_kind', 'line.kind_code', 'line.kind_code_2') }} as metric,
        line.threshold,
        {{ charge_metric('line.alt_metric_kind', 'line.alt_kind_code') }} as alt_metric,
        line.alt_threshold, line.alt_unit_zh,
        {{ charge_metric('line.also_metric_kind', 'line.also_kind_code') }} as also_metric,
        line.also_threshold,
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force(rule_id, 'filed.file_date') }}
    inner join {{ ref('seed_charge_threshold') }} as line
        on line.charge_code = filed.charge_hint and line.enf_domain = filed.case_domain
        and line.valid_from <= filed.file_date
        and (line.valid_to is null or line.valid_to > filed.file_date)
        and (not line.extra_condition or filed.extra_condition_met)
    where filed.transfer_date is null
),
met as (
    select
        *, metric >= threshold as by_first,
        row_number() over (partition by case_id order by rule_key) as ordinal
    from weighed
    where metric >= threshold
       or (alt_metric >= alt_threshold and (also_threshold is null or also_metric >= also_threshold))
)
select
    '{{ rule_id }}' as rule_id, rule_version, 'case' as entity_kind, case_id as entity_code, case_id,
    cast(1 as bigint) as cases_n,
    {{ midnight('file_date') }} as raised_at,
    case when by_first then metric else alt_metric end as value_compared,
    case when by_first then threshold else alt_threshold end as threshold,
    case when by_first then unit_zh else alt_unit_zh end as measure_zh,
    rule_key as threshold_key,
    _delivery_id, _source_row
from met
where ordinal = 1
{% endmacro %}

{# Repetition: one party has several cases of one domain and kind of amount within a time, each below
   a threshold, together at or above it. The party is a token and is not in the result: the light is
   on the newest of its cases, and says how many there are. #}
{% macro warning_repetition(rule_id) %}
with small_case as (
    select
        filed.case_id, filed.party_id, filed.case_domain, filed.amount_kind, filed.amount_involved,
        filed.file_date, line.rule_key, line.threshold, line.unit_zh, rule.rule_version,
        rule.window_years, rule.least_cases, filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force(rule_id, 'filed.file_date') }}
    inner join {{ ref('seed_charge_threshold') }} as line
        on line.enf_domain = filed.case_domain and line.metric_kind = 'amount'
        and filed.amount_kind in (line.kind_code, coalesce(line.kind_code_2, line.kind_code))
        and not line.extra_condition
        and line.valid_from <= filed.file_date
        and (line.valid_to is null or line.valid_to > filed.file_date)
    where filed.amount_involved < line.threshold
),
together as (
    select
        newest.party_id, newest.case_domain, newest.case_id, newest.file_date, newest.rule_key,
        newest.threshold, newest.unit_zh, newest.rule_version, newest._delivery_id, newest._source_row,
        count(*) as cases_n, sum(other.amount_involved) as amount
    from small_case as newest
    inner join small_case as other
        on other.party_id = newest.party_id and other.case_domain = newest.case_domain
        and other.amount_kind = newest.amount_kind and other.rule_key = newest.rule_key
        and other.file_date <= newest.file_date
        and other.file_date > {{ years_before('newest.file_date', 'newest.window_years') }}
    group by newest.party_id, newest.case_domain, newest.case_id, newest.file_date, newest.rule_key,
        newest.threshold, newest.unit_zh, newest.rule_version, newest.least_cases,
        newest._delivery_id, newest._source_row
    having count(*) >= newest.least_cases and sum(other.amount_involved) >= newest.threshold
),
lit as (
    select *, row_number() over (
        partition by party_id, case_domain order by file_date desc, case_id desc, rule_key) as recency
    from together
)
select
    '{{ rule_id }}' as rule_id, rule_version, 'party_domain' as entity_kind, case_id as entity_code, case_id,
    cast(cases_n as bigint) as cases_n,
    {{ midnight('file_date') }} as raised_at,
    cast(amount as double) as value_compared,
    threshold,
    unit_zh as measure_zh,
    rule_key as threshold_key,
    _delivery_id, _source_row
from lit
where recency = 1
{% endmacro %}
