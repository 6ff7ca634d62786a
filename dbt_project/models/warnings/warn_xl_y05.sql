-- XL-Y05, yellow, threshold: a case worth half a criminal threshold or more was fined far below what
-- its like were (fine over amount, against the median of the cases of its domain and kind of amount
-- decided in the 24 months that end with its own decision), or not punished at all.
with decided as (
    select
        case_id, case_domain, amount_kind, decide_date, penalty_kind,
        cast(fine_amount as double) / nullif(cast(amount_involved as double), 0) as fine_ratio
    from {{ ref('fct_enforcement_case') }}
    where decide_date is not null
),
heavy as (
    select
        charge.*, row_number() over (partition by charge.case_id order by charge.rule_key) as line_no
    from {{ ref('int_case_charge') }} as charge
    {{ rule_in_force('XL-Y05', 'charge.file_date') }}
    where charge.metric_share >= rule.from_share
),
fined as (
    select
        heavy.case_id, decided.decide_date, decided.fine_ratio, heavy.rule_key, heavy.file_date,
        median(peer.fine_ratio) as usual_ratio, count(*) as peers_n, rule.least_cases,
        heavy._delivery_id, heavy._source_row
    from heavy
    inner join decided on decided.case_id = heavy.case_id
    {{ rule_in_force('XL-Y05', 'heavy.file_date') }}
    inner join decided as peer
        on peer.case_domain = decided.case_domain and peer.amount_kind = decided.amount_kind
        and peer.fine_ratio is not null and peer.decide_date <= decided.decide_date
        and peer.decide_date > {{ months_later('decided.decide_date', '(-1 * rule.window_months)') }}
    where heavy.line_no = 1 and decided.fine_ratio is not null
    group by all
),
measures as (
    select
        {{ rule_columns() }}, fined.case_id as entity_code, fined.case_id,
        100 * fined.fine_ratio / nullif(fined.usual_ratio, 0) as value_compared, rule.limit_share as threshold,
        '%(与中位数之比)' as measure_zh, fined.rule_key as threshold_key,
        {{ midnight('fined.decide_date') }} as since_at, cast(null as {{ local_type() }}) as until_at,
        100 * fined.fine_ratio < rule.limit_share * fined.usual_ratio and fined.peers_n >= rule.least_cases as is_light,
        fined._delivery_id, fined._source_row
    from fined
    {{ rule_in_force('XL-Y05', 'fined.file_date') }}
    union all
    select
        {{ rule_columns() }}, heavy.case_id, heavy.case_id,
        heavy.metric_share, rule.from_share, '%(与阈值之比)', heavy.rule_key,
        {{ midnight('coalesce(filed.decide_date, filed.file_date)') }}, cast(null as {{ local_type() }}), true,
        heavy._delivery_id, heavy._source_row
    from heavy
    inner join {{ ref('fct_enforcement_case') }} as filed on filed.case_id = heavy.case_id
    {{ rule_in_force('XL-Y05', 'heavy.file_date', 'b') }}
    where heavy.line_no = 1 and filed.penalty_kind = '05'
)
{{ lights([warning_threshold('measures', 'is_light', ['case_id', 'threshold_key'])]) }}
