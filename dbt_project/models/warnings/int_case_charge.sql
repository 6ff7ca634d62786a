-- One row per enforcement case and row of the criminal thresholds it is weighed by: those of its
-- charge and domain in force on the day of filing. metric is null where the case does not state what
-- the row weighs; is_met says whether the row's test holds (or its alternative, or both halves of
-- it), its extra condition aside; counts_penalties, whether what it weighs is earlier penalties.
with weighed as (
    select
        filed.case_id, filed.file_date, filed.decide_date, filed.transfer_date, filed.fine_amount,
        filed.extra_condition_met, line.extra_condition, line.rule_key, line.unit_zh,
        {{ charge_metric('line.metric_kind', 'line.kind_code', 'line.kind_code_2') }} as metric,
        line.threshold,
        {{ charge_metric('line.alt_metric_kind', 'line.alt_kind_code') }} as alt_metric,
        line.alt_threshold, line.alt_unit_zh,
        {{ charge_metric('line.also_metric_kind', 'line.also_kind_code') }} as also_metric,
        line.also_threshold,
        line.metric_kind in ('prior_2y', 'prior_3y', 'prior_ever') as counts_penalties,
        filed.prior_penalty_3y_n,
        filed._delivery_id, filed._source_row
    from {{ ref('fct_enforcement_case') }} as filed
    inner join {{ ref('seed_charge_threshold') }} as line
        on line.charge_code = filed.charge_hint and line.enf_domain = filed.case_domain
        and line.valid_from <= filed.file_date
        and (line.valid_to is null or line.valid_to > filed.file_date)
),
tested as (
    select
        *,
        coalesce(metric >= threshold, false) as by_first,
        coalesce(alt_metric >= alt_threshold and (also_threshold is null or also_metric >= also_threshold), false) as by_other
    from weighed
)
select
    case_id, rule_key, file_date, decide_date, transfer_date, fine_amount, extra_condition,
    extra_condition_met, metric, threshold, unit_zh, 100 * metric / threshold as metric_share,
    by_first or by_other as is_met,
    case when by_other and not by_first then alt_metric else metric end as value_met,
    case when by_other and not by_first then alt_threshold else threshold end as threshold_met,
    case when by_other and not by_first then alt_unit_zh else unit_zh end as unit_met_zh,
    counts_penalties, prior_penalty_3y_n, _delivery_id, _source_row
from tested
