-- One row per accepted receipt (O01) with what the same weekday led to expect: mean and standard
-- deviation of the rows of the accepted receipts of the same stream (feed, owner, region, sender)
-- that ended on the same weekday before. Rows of an L4 zone's feeds are not told (DP-08).
-- window_days of rule DQ-R2 says how far back "before" reaches.
with receipt as (
    select
        log.delivery_id, log.feed_code, log.owner_org_code, log.region_code, log.sender,
        log.period_end, log.landed_time, log.schema_hash,
        -- A file of many days says nothing of a weekday.
        case when coalesce(contract.zone, '') = '' and not log.is_backfill then log.rows_n end as rows_n,
        {{ iso_weekday('log.period_end') }} as weekday_no,
        lag(log.schema_hash) over (
            partition by log.feed_code, log.owner_org_code, log.region_code, log.sender
            order by log.period_end, log.landed_time, log.delivery_id) as previous_schema_hash
    from {{ ref('stg_o01_delivery_log') }} as log
    left join {{ ref('stg_contract') }} as contract on contract.feed_code = log.feed_code
    where log.landed_time <= {{ as_of() }} and log.status <> '4'
),
expected as (
    select
        receipt.delivery_id,
        count(earlier.rows_n) as earlier_n,
        avg(cast(earlier.rows_n as double)) as expected_rows_n,
        stddev_samp(cast(earlier.rows_n as double)) as sd_rows_n
    from receipt
    {{ rule_in_force('DQ-R2', 'receipt.period_end') }}
    inner join receipt as earlier
        on earlier.feed_code = receipt.feed_code and earlier.owner_org_code = receipt.owner_org_code
        and earlier.region_code = receipt.region_code and coalesce(earlier.sender, '') = coalesce(receipt.sender, '')
        and earlier.weekday_no = receipt.weekday_no and earlier.period_end < receipt.period_end
        and earlier.period_end >= {{ add_days('receipt.period_end', '(-1 * rule.window_days)') }}
    group by receipt.delivery_id
)
select
    receipt.*, coalesce(expected.earlier_n, 0) as earlier_n, expected.expected_rows_n, expected.sd_rows_n
from receipt
left join expected on expected.delivery_id = receipt.delivery_id
