-- Grain: one row per kind of look at data in the last 30 days of this machine (the hash-chained access log, DP-12):
-- how many, and how many were refused. Whose they are, `fengqiao audit list` says.
with told as (
    select case action
            when 'page' then '看页面图表' when 'page.open' then '打开页面'
            when 'sqllab' then '数据实验室查询' when 'sqllab.result' then '取回查询结果' when 'sql' then '命令行查询'
            when 'explain' then '查看数字背后的行' when 'export' then '导出文件' when 'export.page' then '导出页面' when 'snapshot' then '提供快照'
            when 'replay' then '重读归档' when 'check' then '试读文件' when 'zone' then '专域汇总出域'
            when 'brief' then '制作简报' when 'quarantine' then '查看隔离记录' else '日志自身的记录' end as action_text,
        sum(accesses_n) as accesses_n, coalesce(sum(accesses_n) filter (where outcome = 'refused'), 0) as refused_n
    from access_word group by all
    union all
    select '没有记录', 0, 0 where not exists (select 1 from access_word)
)
select *, row_number() over (order by refused_n desc, accesses_n desc, action_text) as access_no,
    'operations' as scope_code
from told
