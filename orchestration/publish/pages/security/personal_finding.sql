-- Grain: one row per feed and rule: rows of the last 30 days and so far in which stood what must not come:
-- a person where the contract promised none, an accusation, a column nobody declared. No values.
-- Of a feed of an L4 zone a number below 10 stays inside.
with finding (rule, kind_text, done_text) as (
    values ('personal_content', '文本中含个人号码', '已删去并标记，编码列的整行隔离'),
        ('producer_stripped_personal_fields', '源系统应删未删的个人信息', '入湖前删除，已标记'),
        ('no_accusation', '检举控告类（不得入湖）', '整行隔离'),
        ('unknown_column', '未声明的列', '整批拒收或整行隔离')
),
counted as (
    select
        coalesce(feed_name(unit.name_zh), quarantine.feed_code) as feed, quarantine.feed_code, finding.kind_text,
        finding.done_text, contract_word.owner, zoned_feed.feed_code is not null as is_zoned,
        count(*) filter (where quarantine.landed_time > timestamp '{as_of}' - interval 30 day) as month_rows,
        count(*) as all_rows, strftime(max(quarantine.landed_time), '%Y-%m-%d') as last_text
    from stg_quarantine as quarantine
    inner join finding using (rule)
    left join contract_word on contract_word.feed_code = quarantine.feed_code
    left join zoned_feed on zoned_feed.feed_code = quarantine.feed_code
    left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = quarantine.feed_code
    group by all
),
found as (
    select * exclude (is_zoned) replace (
        case when not is_zoned or month_rows >= 10 then month_rows end as month_rows,
        case when not is_zoned or all_rows >= 10 then all_rows end as all_rows)
    from counted
    union all by name
    select '没有发现' as feed, '' as feed_code, '—' as kind_text, '—' as done_text, '—' as owner,
        0 as month_rows, 0 as all_rows, '—' as last_text
    where not exists (select 1 from counted)
)
select *, case when month_rows > 0 then '▲ 待责任单位整改' when all_rows > 0 then '○ 近30日没有再发现'
        else '● 没有' end as state_text,
    row_number() over (order by month_rows desc nulls last, all_rows desc nulls last, feed_code) as finding_no,
    'operations' as scope_code
from found
