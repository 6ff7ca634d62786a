-- 指令签收反馈及时率：月度控制图
-- 判断某个月是真变了还是正常波动；超出三倍标准差才算失控
with params as (
    select 'P09' as indicator_code, 'city' as unit_level, '330600' as unit_code, 3.0 as sigmas
),
-- 其余见 control-limits.sql
