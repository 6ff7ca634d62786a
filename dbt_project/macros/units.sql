{# The code of the city itself, as text: the unit of level `city`, and its own desk among districts. #}
{% macro city_code() -%}
'{{ var('city_code') }}'
{%- endmacro %}

{# Where a row belongs. A null or unknown town is the bucket 'unassigned' at town level; its district
   is left6(town_code) when that is a district of R01, else 'unassigned' too. #}
{% macro unit_town_columns() -%}
    coalesce(town.unit_town, 'unassigned') as unit_town,
    coalesce(town.unit_district, district.unit_district, 'unassigned') as unit_district
{%- endmacro %}

{% macro unit_town_joins(town_code) -%}
left join {{ ref('int_town_unit') }} as town on town.town_code = {{ town_code }}
left join {{ ref('int_district_unit') }} as district
    on district.unit_district = substr({{ town_code }}, 1, 6)
{%- endmacro %}

{# Where a feed names the district itself: the city's own code is a unit of its own (reading 21). #}
{% macro unit_region_column(region_code) -%}
    case when {{ region_code }} = {{ city_code() }} then {{ city_code() }}
        else coalesce(region.unit_district, 'unassigned') end as unit_district
{%- endmacro %}

{% macro unit_region_join(region_code) -%}
left join {{ ref('int_district_unit') }} as region on region.unit_district = {{ region_code }}
{%- endmacro %}

{# Reading 18: roll up by R02.dept_org_code; an unknown code stands for itself. #}
{% macro unit_department_column(org_code) -%}
    coalesce(org.unit_department, {{ org_code }}, 'unassigned') as unit_department
{%- endmacro %}

{% macro unit_department_join(org_code) -%}
left join {{ ref('int_organisation_department') }} as org on org.org_code = {{ org_code }}
{%- endmacro %}
