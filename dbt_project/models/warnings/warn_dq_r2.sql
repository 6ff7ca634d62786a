-- DQ-R2, red, threshold: a receipt has far more or fewer rows than its weekday led to expect, or its
-- columns are not those of the receipt before it.
with measures as (
    select
        {{ rule_columns() }}, receipt.feed_code as entity_code, receipt.delivery_id as occasion,
        receipt.owner_org_code as org_code, receipt.region_code,
        abs(receipt.rows_n - receipt.expected_rows_n) as value_compared,
        rule.limit_value * receipt.sd_rows_n as threshold, '行' as measure_zh,
        receipt.landed_time as since_at, cast(null as {{ local_type() }}) as until_at,
        receipt.delivery_id as _delivery_id, cast(null as bigint) as _source_row
    from {{ ref('fct_receipt_volume') }} as receipt
    {{ rule_in_force('DQ-R2', 'cast(receipt.landed_time as date)', 'a') }}
    where receipt.earlier_n >= rule.least_cases
    union all
    select
        {{ rule_columns() }}, receipt.feed_code, receipt.delivery_id, receipt.owner_org_code,
        receipt.region_code, 1, 0, '次', receipt.landed_time, cast(null as {{ local_type() }}),
        receipt.delivery_id, cast(null as bigint)
    from {{ ref('fct_receipt_volume') }} as receipt
    {{ rule_in_force('DQ-R2', 'cast(receipt.landed_time as date)', 'b') }}
    where receipt.schema_hash <> receipt.previous_schema_hash
)
{{ lights([warning_threshold('measures', 'value_compared > threshold', ['occasion', 'org_code', 'region_code'])]) }}
