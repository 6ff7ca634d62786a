-- XL-Y04, yellow, missing: thirty days after filing, a case of a domain that has thresholds states
-- neither an amount nor a quantity nor an act. No source says when one was added (reading 2).
with needs as (
    select
        {{ rule_columns() }}, filed.case_id as entity_code, filed.case_id,
        {{ day_deadline('filed.file_date', 'rule.limit_days') }},
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    {{ rule_in_force('XL-Y04', 'filed.file_date') }}
    where filed.amount_involved is null and filed.quantity is null and filed.act_flag = '00'
      and exists (
          select 1 from {{ ref('seed_charge_threshold') }} as line
          where line.enf_domain = filed.case_domain and line.valid_from <= filed.file_date
            and (line.valid_to is null or line.valid_to > filed.file_date))
),
missing as (
    select *, due_at as needed_at, cast(null as {{ local_type() }}) as came_at from needs
)
{{ lights([warning_missing('missing', ['case_id'])]) }}
