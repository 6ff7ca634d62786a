{# Five shapes of warning rules. Each takes a relation of matters and gives lights of one grain:

     rule_id, rule_version, ground      which rule, in which version, by which of its grounds
     entity_kind, entity_code, occasion what it is raised on; occasion '' unless it can come again
     case_id, cases_n, org_code, region_code, town_code
     raised_at, ended_at                when the condition began to hold, and when the matter ended
     value_compared, threshold, measure_zh, threshold_key, _delivery_id, _source_row

   A light stays when its matter ends: ended_at says when, null means it stands. A rule of the list
   that says `x is null and as_of > due` speaks of the standing lights of a clock, one that says
   `coalesce(x, as_of) > due` of all of them. What happens after as_of is not known.

   Numbers, dates, words and basis stand in seed_warning_rule, one row per ground; a matter is judged
   by the version in force on the day it began. A light asks a person to look; it decides nothing.

   `also` names the columns of LIGHT_DEFAULTS that the relation has itself. #}

{# Clock: something had to happen by due_at and had not. `timers`: rule columns, entity_code,
   started_at, due_at, by_day (a date's deadline: 24:00 of it), stopped_at (null: still running). #}
{% macro warning_clock(timers, also=[]) %}
select
    {{ light_entity(also) }},
    due_at as raised_at,
    {{ known('stopped_at') }} as ended_at,
    {{ elapsed_days('started_at', 'least(coalesce(stopped_at, ' ~ as_of() ~ '), ' ~ as_of() ~ ')') }} * 24 as value_compared,
    {{ elapsed_days('started_at', 'due_at') }} * 24 as threshold,
    '小时' as measure_zh,
    {{ light_tail(also) }}
from {{ timers }}
where {{ is_late('due_at', 'stopped_at') }}
{% endmacro %}

{# Missing: at needed_at something had to be there and was not. `needs`: rule columns, entity_code,
   needed_at, by_day, came_at (null: still missing), patience_hours where some are granted. The light
   says how long it was missing. #}
{% macro warning_missing(needs, also=[]) %}
select
    {{ light_entity(also) }},
    needed_at as raised_at,
    {{ known('came_at') }} as ended_at,
    {{ elapsed_days('needed_at', 'least(coalesce(came_at, ' ~ as_of() ~ '), ' ~ as_of() ~ ')') }} * 24 as value_compared,
    cast({{ 'patience_hours' if 'patience_hours' in also else 'null' }} as double) as threshold,
    '小时' as measure_zh,
    {{ light_tail(also) }}
from {{ needs }}
where {{ is_late('needed_at', 'came_at') }}
{% endmacro %}

{# Threshold: a measure lies on the wrong side of a limit. `measures`: rule columns, entity_code,
   value_compared, threshold, measure_zh, since_at, until_at (null: it still does). A measure that
   ended by the moment it began was never seen. #}
{% macro warning_threshold(measures, test='value_compared >= threshold', also=[]) %}
select
    {{ light_entity(also) }},
    since_at as raised_at,
    {{ known('until_at') }} as ended_at,
    cast(value_compared as double) as value_compared,
    cast(threshold as double) as threshold,
    measure_zh,
    {{ light_tail(also) }}
from {{ measures }}
where {{ test }} and since_at <= {{ as_of() }} and (until_at is null or until_at > since_at)
{% endmacro %}

{# Repetition: things of one group come at least least_n times, with weights of at least threshold,
   within a window that ends at one of them. `events`: rule columns, entity_code, group_code,
   event_day, window_from (first day of the window), event_at, raised_at (when it is known to count),
   weight, threshold, least_n, measure_zh. The light is on the first event that fills the window,
   one per `one_of`. It ends with the first moment of `ends` (group_code, ended_at) after it. #}
{% macro warning_repetition(events, also=[], one_of='group_code', ends=none) %}
select
    {{ light_entity(also) }},
    lit.raised_at,
    {% if ends %}(min(case when ended.ended_at >= lit.raised_at and ended.ended_at <= {{ as_of() }} then ended.ended_at end))
    {%- else %}cast(null as {{ local_type() }}){% endif %} as ended_at,
    cast(lit.value_compared as double) as value_compared,
    cast(lit.threshold as double) as threshold,
    lit.measure_zh,
    {{ light_tail(also) }}
from (
    select
        *, row_number() over (partition by {{ one_of }} order by event_at, entity_code, threshold, group_code, _delivery_id, _source_row) as ordinal
    from (
        select newest.*, sum(other.weight) as value_compared, count(*) as cases_n
        from {{ events }} as newest
        inner join {{ events }} as other
            on other.group_code = newest.group_code and other.event_at <= newest.event_at
            and other.event_day >= newest.window_from
        group by all
    ) as windowed
    where cases_n >= least_n and value_compared >= threshold and raised_at <= {{ as_of() }}
) as lit
{% if ends %}left join {{ ends }} as ended on ended.group_code = lit.group_code{% endif %}
where lit.ordinal = 1
{% if ends %}group by all{% endif %}
{% endmacro %}

{# Accumulation: sums of an entity's items grow past a limit. `items`: rule columns, entity_code,
   item_at, part, whole, threshold, least_n, measure_zh. `test` and `value` are written over part_sum
   and whole_sum, the sums up to and with an item. The light ends with the first item after the last
   at which the test holds. #}
{% macro warning_accumulation(items, test, value, also=[]) %}
select
    {{ light_entity(also) }},
    raised_at, ended_at,
    cast({{ value }} as double) as value_compared,
    cast(threshold as double) as threshold,
    measure_zh,
    {{ light_tail(also) }}
from (
    select
        *,
        min(case when holds = 1 then item_at end) over (partition by rule_id, ground, entity_code, occasion) as raised_at,
        min(case when holds = 0 then item_at end) over (
            partition by rule_id, ground, entity_code, occasion
            order by item_at, _delivery_id, _source_row
            rows between 1 following and unbounded following) as ended_at,
        row_number() over (
            partition by rule_id, ground, entity_code, occasion
            order by holds desc, item_at desc, _delivery_id desc, _source_row desc) as ordinal
    from (
        select *, case when {{ test }} then 1 else 0 end as holds
        from (
            select
                *,
                sum(part) over (partition by rule_id, ground, entity_code, occasion order by item_at) as part_sum,
                sum(whole) over (partition by rule_id, ground, entity_code, occasion order by item_at) as whole_sum
            from (
                select {% if 'occasion' not in also %}'' as occasion, {% endif %}*
                from {{ items }}
                where item_at <= {{ as_of() }}
            ) as item
        ) as summed
    ) as tested
) as lit
where ordinal = 1 and holds = 1
{% endmacro %}
