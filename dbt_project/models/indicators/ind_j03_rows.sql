-- J03, population: suggestions of the procuratorate, each once however many clues it rests on, by the
-- end of their two months (period date); numerator: replied by 24:00 of that day and adopted.
-- Reading 17: replied before the deadline counts at once, an open one enters when it passes.
select
    sent.suggestion_id as row_key,
    sent.deadline as period_date,
    {{ unit_department_column('sent.org_code') }},
    {{ unit_region_column('sent.region_code') }},
    sent.is_met as is_numerator,
    case when sent.deadline < {{ as_of_date() }} or sent.first_reply <= sent.deadline
        then 1 else 0 end as is_denominator,
    case when sent.first_reply is null then 1 else 0 end as is_open,
    sent.suggest_date, sent.first_reply as reply_date, sent.adopted,
    sent._delivery_id, sent._source_row
from (
    select
        *,
        -- The clue that bears the suggestion names its receiver.
        row_number() over (partition by suggestion_id order by suggest_date, clue_id) as ordinal,
        min(reply_date) over (partition by suggestion_id) as first_reply,
        max(case when reply_date <= deadline and adopted then 1 else 0 end)
            over (partition by suggestion_id) as is_met
    from (
        select
            clue_id, suggestion_id, suggest_date, reply_date, adopted, org_code, region_code,
            {{ months_after('suggest_date', 2) }} as deadline, _delivery_id, _source_row
        from {{ ref('fct_procuratorial_clue') }}
        where suggestion_id is not null and suggest_date is not null
    ) as clue
) as sent
{{ unit_department_join('sent.org_code') }}
{{ unit_region_join('sent.region_code') }}
where sent.ordinal = 1
