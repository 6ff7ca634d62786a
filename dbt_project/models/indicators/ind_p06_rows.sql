-- P06, population: answered contacts of the 11 kinds (period date = day of service). The answer that
-- stands: the second callback, else the first, else the reply by message; 4 and 5 (not reached,
-- refused) are no answers. numerator: satisfied (1), by telephone also mostly satisfied (2).
-- A station of several towns counts in each of them: one row per town, spread_no from 1; at every
-- other level only spread_no 1 counts.
select
    contact.feedback_id as row_key,
    contact.period_date,
    contact.station_code as unit_station,
    contact.opinion_kind as unit_kind,
    coalesce(served.unit_town, 'unassigned') as unit_town,
    coalesce(served.spread_no, 1) as spread_no,
    case when contact.answered_by = 'sms' then case when contact.answer = '1' then 1 else 0 end
        when contact.answer in ('1', '2') then 1 else 0 end as is_numerator,
    case when contact.answered_by is null then 0 else 1 end as is_denominator,
    0 as is_open,
    1 as is_contact,
    contact.answered_by, contact.answer, contact._delivery_id, contact._source_row
from (
    select
        feedback_id, cast(service_time as date) as period_date, station_code, opinion_kind,
        case
            when second_result in ('1', '2', '3') then 'second_call'
            when callback_result in ('1', '2', '3') then 'call'
            when sms_reply in ('1', '2') then 'sms'
        end as answered_by,
        case
            when second_result in ('1', '2', '3') then second_result
            when callback_result in ('1', '2', '3') then callback_result
            when sms_reply in ('1', '2') then sms_reply
        end as answer,
        _delivery_id, _source_row
    from {{ ref('fct_feedback') }}
    where service_time <= {{ as_of() }}
) as contact
left join {{ ref('int_station_town') }} as served on served.station_code = contact.station_code
