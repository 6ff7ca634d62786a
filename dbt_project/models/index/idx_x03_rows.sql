-- X03 食品药品案件90日办结率: the rows of L09 whose case is of the domain food and medicine (16).
select
    counted.row_key, counted.period_date, counted.unit_town,
    counted.is_numerator, counted.is_denominator, counted.is_open,
    counted.file_date, counted.decide_date, counted.close_date,
    counted._delivery_id, counted._source_row
from {{ ref('ind_l09_rows') }} as counted
inner join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = counted.row_key
where filed.case_domain = '16'
