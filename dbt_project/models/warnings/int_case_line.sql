-- One row per enforcement case and threshold of an amount that its domain has for its first amount:
-- no charge need be named, because what lies below a threshold bears none.
select
    filed.case_id, filed.party_id, filed.agency_code, filed.region_code, filed.case_domain,
    filed.amount_kind, filed.amount_involved, filed.file_date, line.rule_key, line.threshold,
    line.unit_zh, line.extra_condition, filed._delivery_id, filed._source_row
from {{ ref('fct_enforcement_case') }} as filed
inner join {{ ref('seed_charge_threshold') }} as line
    on line.enf_domain = filed.case_domain and line.metric_kind = 'amount'
    and filed.amount_kind in (line.kind_code, coalesce(line.kind_code_2, line.kind_code))
    and line.valid_from <= filed.file_date
    and (line.valid_to is null or line.valid_to > filed.file_date)
