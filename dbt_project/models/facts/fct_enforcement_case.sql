-- One row per administrative enforcement case (F08), its latest state, with the light of its F09
-- warnings: one light per case, red wins. party_id is a token and stays in this fact.
-- Rebuilt whole: a warning may touch a case of any month, and 40,000 rows cost 0.1 s.
with warned as (
    select
        case_id,
        min(case when light = 'R' then warn_time end) as first_red_time,
        min(case when light = 'Y' then warn_time end) as first_yellow_time,
        count(*) as warnings_n
    from {{ ref('fct_transfer_warning') }}
    group by case_id
)
select
    filed.case_id, filed.agency_code, filed.case_domain, filed.illegal_code, filed.charge_hint,
    filed.party_kind, filed.party_id, filed.file_date, filed.amount_involved, filed.amount_kind,
    filed.amount2, filed.amount2_kind, filed.quantity, filed.quantity_kind, filed.act_flag,
    filed.extra_condition_met, filed.fine_amount, filed.penalty_kind, filed.prior_penalty_n,
    filed.prior_penalty_3y_n, filed.prior_penalty_ever_n, filed.suspend_days,
    case when filed.decide_date <= {{ as_of_date() }} then filed.decide_date end as decide_date,
    case when filed.close_date <= {{ as_of_date() }} then filed.close_date end as close_date,
    case when filed.transfer_date <= {{ as_of_date() }} then filed.transfer_date end as transfer_date,
    filed.town_code, filed.region_code,
    case when warned.first_red_time is not null then 'R'
        when warned.first_yellow_time is not null then 'Y' end as light,
    warned.first_red_time, warned.first_yellow_time,
    coalesce(warned.warnings_n, 0) as warnings_n,
    filed._delivery_id, filed._source_row, filed._valid_from, filed._month
from {{ ref('stg_f08_admin_enforcement_case') }} as filed
left join warned on warned.case_id = filed.case_id
where filed.file_date <= {{ as_of_date() }}
