-- YP-Q1, aggregate, accumulation: of a quarter's support cases, too many of those contested were
-- undone, or too many were entered in error. Read from the city's counts that left the zone; where they
-- are hidden nothing is known and nothing is raised.
with items as (
    {% for ground in ['a', 'b'] %}
    select
        {{ rule_columns() }}, cell.unit_code as entity_code, cell.unit_code as region_code,
        {{ quarter_text('cell.period_start') }} as occasion,
        {{ midnight(add_days('cell.period_end', 1)) }} as item_at,
        cell.numerator as part, cell.denominator as whole, rule.limit_share as threshold, '%' as measure_zh,
        cast(null as {{ dbt.type_string() }}) as _delivery_id, cast(null as bigint) as _source_row
    from {{ source('declassified', 'zone_counts') }} as cell
    {{ rule_in_force('YP-Q1', 'cell.period_start', ground) }}
    where cell.indicator_code = 'YP-Q1#{{ ground }}' and cell.unit_level = 'city' and not cell.is_hidden
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{{ lights([warning_accumulation(
    'items', '100 * part_sum > threshold * whole_sum', '100.0 * part_sum / whole_sum',
    ['occasion', 'region_code'])]) }}
