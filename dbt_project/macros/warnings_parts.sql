{# What the shapes of warnings.sql share: rules in force, deadlines, the columns of a light. #}

{# A ground of a rule in the version in force on a day, joined as `rule`. #}
{% macro rule_in_force(rule_id, day, ground='a') -%}
inner join {{ ref('seed_warning_rule') }} as rule
    on rule.rule_id = '{{ rule_id }}' and rule.ground = '{{ ground }}' and rule.valid_from <= {{ day }}
    and (rule.valid_to is null or rule.valid_to > {{ day }})
{%- endmacro %}

{% macro rule_columns() -%}
rule.rule_id, rule.rule_version, rule.ground, rule.entity_kind
{%- endmacro %}

{# The two columns of a deadline. n days after a day end at 24:00 of the n-th (readings 13, 15): a
   date counts as kept when it is that day, a moment when it is before midnight. #}
{% macro day_deadline(day, n) -%}
{{ midnight(add_days('cast(' ~ day ~ ' as date)', '(' ~ n ~ ' + 1)')) }} as due_at, true as by_day
{%- endmacro %}

{# n hours after a moment: the moment itself is in time. #}
{% macro hour_deadline(moment, n) -%}
{{ add_minutes(moment, n ~ ' * 60') }} as due_at, false as by_day
{%- endmacro %}

{# A day n months later (n an expression), the last of the month where it has no such day. #}
{% macro months_later(day, n) -%}cast(({{ day }} + {{ n }} * interval '1' month) as date){%- endmacro %}

{# The quarter of a day, as feeds name it. #}
{% macro quarter_text(day) -%}
{{ text('extract(year from ' ~ day ~ ')') }} || 'Q' || {{ text('extract(quarter from ' ~ day ~ ')') }}
{%- endmacro %}

{# A moment that has not come by as_of is not known. #}
{% macro known(moment) -%}case when {{ moment }} <= {{ as_of() }} then {{ moment }} end{%- endmacro %}

{% macro is_late(due_at, stopped_at) -%}
{{ due_at }} < {{ as_of() }}
    and ({{ stopped_at }} is null or {{ stopped_at }} > {{ due_at }} or (by_day and {{ stopped_at }} >= {{ due_at }}))
{%- endmacro %}

{# The first columns of a light; what the relation does not have is its default. #}
{% macro light_entity(also) -%}
{%- set text = dbt.type_string() -%}
{%- set defaults = {
    'occasion': "''", 'case_id': 'cast(null as ' ~ text ~ ')', 'cases_n': '1',
    'org_code': 'cast(null as ' ~ text ~ ')', 'region_code': 'cast(null as ' ~ text ~ ')',
    'town_code': 'cast(null as ' ~ text ~ ')'} -%}
rule_id, rule_version, ground, entity_kind, entity_code
{%- for column, default in defaults.items() %},
    cast({{ column if column in also else default }} as {{ 'bigint' if column == 'cases_n' else text }}) as {{ column }}
{%- endfor %}
{%- endmacro %}

{# And the last. #}
{% macro light_tail(also) -%}
cast({{ 'threshold_key' if 'threshold_key' in also else 'null' }} as {{ dbt.type_string() }}) as threshold_key,
    _delivery_id, _source_row
{%- endmacro %}

{% macro light_columns() -%}
rule_id, rule_version, ground, entity_kind, entity_code, occasion, case_id, cases_n, org_code,
    region_code, town_code, raised_at, ended_at, value_compared, threshold, measure_zh, threshold_key,
    _delivery_id, _source_row
{%- endmacro %}

{# The lights of a rule from its grounds: one per entity and occasion, a standing one before an ended
   one, then the first that was raised. #}
{% macro lights(grounds) %}
select
    {{ light_columns() }}
from (
    select
        *, row_number() over (
            partition by entity_code, occasion
            order by case when ended_at is null then 0 else 1 end, raised_at, ground,
                coalesce(threshold_key, ''), _delivery_id, _source_row) as ordinal
    from (
        {% for ground in grounds %}
        {{ ground }}
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as lit
) as lit
where ordinal = 1
{% endmacro %}

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

{# Whole calendar days from one day to another, the first not counted. #}
{% macro days_between(first, last) -%}
cast({{ elapsed_days(midnight('cast(' ~ first ~ ' as date)'), midnight('cast(' ~ last ~ ' as date)')) }} as bigint)
{%- endmacro %}

{# Two lights of one clock differ in their limits alone, and those stand in the rules. #}
{% macro enforcement_timers(rule_id) %}
    {% for ground, kinds in [('a', "'1', '2'"), ('b', "'3'")] %}
    select
        {{ rule_columns() }}, court.case_no as entity_code, court.region_code,
        {{ midnight('court.file_date') }} as started_at,
        {{ day_deadline(months_later('court.file_date', 'rule.limit_months'), 'court.deduct_days') }},
        {{ midnight('court.close_date') }} as stopped_at, court._delivery_id, court._source_row
    from {{ ref('fct_court_case') }} as court
    {{ rule_in_force(rule_id, 'court.file_date', ground) }}
    where court.case_kind in ({{ kinds }})
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{% endmacro %}

{% macro notice_timers(rule_id) %}
    select
        {{ rule_columns() }}, matter.petition_no as entity_code, matter.target_org_code as org_code,
        matter.town_code, matter.register_time as started_at,
        {{ day_deadline('matter.register_time', 'rule.limit_days') }}, matter.accepted_time as stopped_at,
        matter._delivery_id, matter._source_row
    from {{ ref('fct_petition') }} as matter
    {{ rule_in_force(rule_id, 'cast(matter.register_time as date)') }}
    where matter.purpose in ('1', '3')
{% endmacro %}
