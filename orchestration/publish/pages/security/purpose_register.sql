-- Grain: one row per feed: why it may be held, on what basis, whose it is, what of a person comes and
-- what becomes of it at the door, and how long anything is kept (DP-01). From the contracts.
select
    word.* replace (feed_name(word.name_zh) as name_zh), word.level_raw || ' → ' || word.level_landed as level_text,
    case when word.zone = 'health' then '○ 卫健域' when word.zone = 'minors' then '○ 未成年人域'
        else '公共域' end as zone_text,
    word.archive_days || ' / ' || word.retention_days as kept_text,
    row_number() over (order by word.level_landed desc, word.feed_code) as register_no,
    'city' as scope_code
from contract_word as word
