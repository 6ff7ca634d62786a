-- Grain: one row per feed, rule and column with quarantined or marked rows so far (no values).
with word (ordinal, pattern, words) as (
    values (0, 'not one JSON object', '不是一个完整的对象'), (1, '(\d+) digits?', '\1位数字'), (2, '(\d+) Chinese characters?', '\1个汉字'),
        (3, '(\d+) letters?', '\1个字母'), (4, '(\d+) (other )?characters?', '\1个字符'),
        (5, '(\d+) cells?', '\1列'), (6, 'expected ', '应为'), (7, '\bspaces?\b', '空格'),
        (8, '\bempty\b', '空'), (9, ' \+ ', '')
),
-- Shapes are written in English at landing; a page says them in Chinese, and briefly.
shape as (
    select value_shape, case when length(full_words) > 24 then left(full_words, 23) || '…'
        else full_words end as words
    from (
        select value_shape, list_reduce(
            (select list([pattern, words] order by ordinal) from word),
            lambda text, step: [regexp_replace(text[1], step[1], step[2], 'g')],
            [value_shape])[1] as full_words
        from (select distinct value_shape from stg_quarantine where value_shape is not null)
    )
),
counted as (
    select
        zoned_feed.feed_code is not null as is_zoned,
        coalesce(feed_name(unit.name_zh), quarantine.feed_code) as feed, quarantine.feed_code, quarantine.rule,
        case quarantine.rule
            when 'required' then '必填为空' when 'type' then '类型无法识别' when 'code' then '代码不在代码表'
            when 'pattern' then '格式不符' when 'range' then '超出范围' when 'encoding' then '编码无法解读'
            when 'structure' then '列数不符' when 'order' then '先后顺序不合理'
            when 'length' then '长度超限' when 'key' then '主键问题'
            when 'checksum' then '校验位不符' when 'unknown_column' then '未声明的列'
            when 'missing_column' then '缺少的列' when 'no_header' then '没有表头'
            when 'file_name' then '文件名不符' when 'control_figures' then '控制数字不符'
            when 'unreadable' then '文件无法读取' when 'period_received' then '该期已收到'
            when 'snapshot_shrank' then '快照缺行' when 'personal_content' then '文本含个人信息'
            else '逻辑关系' end as rule_text,
        -- An undeclared column is told by its shape: its name is the sender's.
        coalesce(field_word.word, nullif(regexp_replace(quarantine.column_name, '(\d+) letters?', '\1个字母', 'g'), ''), '整行') as column_text,
        case when quarantine.severity in ('E', 'error') then '隔离' else '标记' end as severity_text,
        count(*) as rows_n, min(case
            -- A rule over several columns has no one value; its reason says it all.
            when quarantine.rule not in ('required', 'type', 'code', 'pattern', 'range', 'encoding',
                'structure', 'order', 'length', 'key') then '—'
            else shape.words end) as shape_example,
        min(quarantine.reason_zh) as reason,
        strftime(max(quarantine.landed_time), '%m-%d %H:%M') as last_text
    from stg_quarantine as quarantine
    left join shape on shape.value_shape = quarantine.value_shape
    left join field_word
        on field_word.feed_code = quarantine.feed_code
        and field_word.column_name = quarantine.column_name
    left join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = quarantine.feed_code
    left join zoned_feed on zoned_feed.feed_code = quarantine.feed_code
    group by all
),
-- Of a feed of an L4 zone a number below 10 and the example of a shape stay inside.
shown as (
    select * exclude (is_zoned) replace (
        case when not is_zoned or rows_n >= 10 then rows_n end as rows_n,
        case when is_zoned then '—' else shape_example end as shape_example)
    from counted
)
-- Charts sort by their own column: every dataset also has a metric called rows_n.
select *, coalesce(format('{:,}', rows_n), '少于10') as rows_text, 'operations' as scope_code, row_number() over (
    order by rows_n desc nulls last, feed_code, rule, column_text, severity_text) as quarantine_order
from shown
