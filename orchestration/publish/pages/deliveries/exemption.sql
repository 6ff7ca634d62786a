-- Grain: one row per exemption of a check that stands: whose, why, until when; the next to end first. One row
-- saying so where there is none.
with told as (
    select feed_name(word.name_zh) as feed, exemption_word.feed_code, coalesce(check_word.word, exemption_word.test_name) as test_text,
        exemption_word.owner, exemption_word.reason, strftime(until_date, '%Y-%m-%d') as until_text,
        date_diff('day', timestamp '{as_of}'::date, until_date) as days_left
    from exemption_word
    left join contract_word as word using (feed_code)
    left join check_word on check_word.feed_code = exemption_word.feed_code
        and check_word.test_name = exemption_word.test_name
    union all
    select '没有豁免', '', '各项检查都按约定执行', '—', '—', '—', null
    where not exists (select 1 from exemption_word)
)
select *, case when feed_code = '' then '● 无' when days_left < 0 then '■ 已到期' when days_left <= 30 then '▲ 30日内到期'
        else '○ 有效' end as state_text,
    row_number() over (order by days_left nulls last, feed_code, test_text) as exemption_no,
    'operations' as scope_code
from told
