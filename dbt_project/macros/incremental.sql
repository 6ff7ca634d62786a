{# Facts are rebuilt by changed month only, so that a day costs a day.

   A month has changed when the number of rows per delivery in it has changed. This is exact:
   a delivery only adds rows to its own group and only takes rows from the groups of others
   (an update moves a row from the old delivery to the new one, a tombstone removes one), so no
   change can cancel another. It reads two narrow columns and never a value.
#}
{% macro changed_months(staging) %}
    select distinct _month from (
        (select _month, _delivery_id, count(*) as rows_n from {{ staging }} group by 1, 2
         except
         select _month, _delivery_id, count(*) as rows_n from {{ this }} group by 1, 2)
        union all
        (select _month, _delivery_id, count(*) as rows_n from {{ this }} group by 1, 2
         except
         select _month, _delivery_id, count(*) as rows_n from {{ staging }} group by 1, 2)
    ) as changed
{% endmacro %}

{# delete+insert cannot see a month whose last row was deleted: forget such months first. #}
{% macro forget_vanished_months(staging) %}
  {% if is_incremental() and target.type == 'duckdb' %}
    delete from {{ this }} where _month not in (select distinct _month from {{ staging }})
  {% else %}
    select 1
  {% endif %}
{% endmacro %}

{% macro by_month_strategy() %}{{ return('insert_overwrite' if target.type == 'spark' else 'delete+insert') }}{% endmacro %}
