-- Grain: one row per published or other figure of the programme, counted from records, in the
-- columns of indicator_board. `target_text` says which records; `note` how to read the figure.
with app as (
    select * from fct_scene_app
),
register as (
    select * from stg_r07_programme_register
),
member as (
    select list_code, count(*) as members_n, count(*) filter (where is_local) as local_n
    from register where item_kind in ('02', '03', '06') group by list_code
),
-- Years in a row: years minus their ordinal are equal inside a run.
run as (
    select count(*) as years_n, max(item_year) as last_year
    from (
        select item_year, item_year - row_number() over (order by item_year) as island
        from (select distinct item_year from register where list_code = 'PC' and result = '01'
            and item_year is not null))
    group by island order by years_n desc, last_year desc limit 1
),
-- What an L4 zone tells of itself as a whole (dbt_project/macros/declassify.sql).
told as (
    select indicator_code, numerator from declassified.zone_counts
    where window_kind = 'to_date' and unit_level = 'city' and not is_hidden
),
newest as (
    select indicator_code, numerator, denominator, value, period_end
    from fct_indicator
    where unit_level = 'city' and indicator_code in ('Y01', 'Y02', 'Y04', 'Q02') and value is not null
        and not suppressed and not is_running
    qualify row_number() over (partition by indicator_code order by period_end desc) = 1
),
figure (figure, indicator, number, decimals, unit, records, note) as (
    select 'G01', '入库应用', count(*) filter (where registered_date is not null), 0, '个', 'S0台账', '培育清单S0' from app
    union all select 'G02', '已上线', count(*) filter (where online_date is not null), 0, '个', 'S0台账', '整体上线' from app
    union all select 'G03', '省级试点或推广', count(*) filter (where online_date is not null and pilot_level in ('P', 'T')),
        0, '个', 'S0台账', '分母有两种' from app
    union all select 'G04', '全省好应用', members_n, 0, '个', '项目登记', '全部有名' from member where list_code = 'GA'
    union all select 'G05', 'S1试点子场景', count(*) filter (where s1_major_app is not null), 0, '个', 'S0台账', '不作比率' from app
    union all select 'G06', 'S1重大应用', max(count_stated), 0, '个', '清单总目', '全省清单' from register where list_code = 'S1' and item_kind = '01'
    union all select 'G07', '揭榜认领项目', max(count_stated), 0, '个', '清单总目', '全省' from register where list_code = 'CH' and item_kind = '01'
    union all select 'G08', '其中{city_short}', local_n, 0, '个', '项目登记', '全部有名' from member where list_code = 'CH'
    union all select 'G09', '排查服务对象', max(numerator), 0, '人', '声明后的计数', '累计，舍到十位' from told where indicator_code = 'G09'
    union all select 'G10', '服务预警', max(numerator), 0, '人次', '声明后的计数', '累计，舍到十位' from told where indicator_code = 'G10'
    union all select 'G11', '预警处置', max(numerator), 0, '人次', '声明后的计数', '与预警不可相除' from told where indicator_code = 'G11'
    union all select 'G12', '民意类别', count(*), 0, '类', '代码表', '公安服务' from dim_code where code_table = 'OPINION_KIND'
    union all select 'G13', '汇聚案件', count(*), 0, '件', '行政执法案件', '累计' from fct_enforcement_case
    union all select 'G14', '红灯案件', count(*) filter (where light = 'R'), 0, '件', '移送预警', '每案一灯' from fct_enforcement_case
    union all select 'G15', '黄灯案件', count(*) filter (where light = 'Y'), 0, '件', '移送预警', '无红灯者' from fct_enforcement_case
    union all select 'G16', '覆盖青少年', numerator / 10000, 1, '万人', '月度统计', strftime(period_end, '%Y年%m月') from newest where indicator_code = 'Y01'
    union all select 'G17', '人数同比', value, 1, '%', '月度统计', '只有变化，无基数' from newest where indicator_code = 'Y02'
    union all select 'G18', '复犯率同比', value, 2, '%', '月度统计', '相对变化' from newest where indicator_code = 'Y04'
    union all select 'G21', '协助事项种类', count(distinct matter_code), 0, '种', '协作事项', '高频事项' from fct_coop_matter
    union all select 'G22', '在线办理', count(*) filter (where online), 0, '件', '协作事项', '累计' from fct_coop_matter
    union all select 'G23', '业务系统', count(distinct system_zh), 0, '个', '数据约定', '1个有公开名称' from category_system
    union all select 'G24', '归集类别', count(distinct feed_code), 0, '类', '到达回执', '有合格行的'
        from category_system where feed_code in (select feed_code from stg_o01_delivery_log where valid_rows_n > 0)
    union all select 'G25', '配套改革举措', members_n, 0, '项', '项目登记', '未逐项具名' from member where list_code = 'RM'
    union all select 'RMd', '已完成举措', count(*) filter (where done_date <= timestamp '{as_of}'), 0, '项', '项目登记', '日期为设计'
        from register where list_code = 'RM' and item_kind = '03'
    union all select 'G26', '连续平安市', years_n, 0, '年', '荣誉登记', '年份为设计' from run
    union all select 'PDn', '平安县（市、区）', count(distinct region_code), 0, '个', '荣誉登记', '满堂红' from register
        where list_code = 'PD' and result = '01'
    union all select 'PVn', '一票否决', count(*) filter (where veto_confirmed), 0, '项', '任务单', '已确认的' from stg_f23_pingan_creation_item
        where issue_date <= timestamp '{as_of}'
    union all select 'PDs', '扣分合计', sum(deduct_score), 1, '分', '任务单', '本考核年' from stg_f23_pingan_creation_item
        where assess_year = year(timestamp '{as_of}') and issue_date <= timestamp '{as_of}'
    union all select 'G27', '区（市、县）', count(distinct region_code), 0, '个', '区划表', '六个' from seed_division where unit_level = '2'
    union all select 'G28', '智慧领域', count(*), 0, '个', '代码表', '一中之外' from dim_code where code_table = 'DOMAIN' and code <> 'CC'
    union all select 'G29', '核心业务', members_n, 0, '项', '项目登记', '未逐项具名' from member where list_code = 'JB'
    union all select 'J-class', '类案线索占比', 100.0 * count(*) filter (where is_class_case) / nullif(count(*), 0), 1, '%', '监督线索', '近12个月'
        from fct_procuratorial_clue where found_date > timestamp '{as_of}' - interval 12 month
    union all select 'J-clue', '监督线索', count(*), 0, '条', '监督线索', '近12个月'
        from fct_procuratorial_clue where found_date > timestamp '{as_of}' - interval 12 month
    union all select 'J-open', '待回复建议', count(*), 0, '份', '检察建议', '制发未回复'
        from fct_procuratorial_clue where suggestion_id is not null and reply_date is null
    union all select 'A-place', '启用场所', count(distinct place_id) filter (where code_enabled), 0, '个', '场所日汇总', '最近一日'
        from stg_f18_anxin_place_daily where stat_date = (select max(stat_date) from stg_f18_anxin_place_daily)
    union all select 'A-help', '求助响应', 100.0 * sum(help_responded_n) / nullif(sum(help_n), 0), 1, '%', '场所日汇总', '近30日'
        from stg_f18_anxin_place_daily where stat_date > timestamp '{as_of}' - interval 30 day
    union all select 'M-must', '应评事项', count(*) filter (where must_assess), 0, '件', '决策目录', '累计' from fct_decision
    union all select 'M-high', '高风险', count(distinct decision_id) filter (where risk_level = 'H'), 0, '件', '稳评报告', '任一版次' from fct_risk_report
    union all select 'K-place', '重点场所', count(distinct place_id), 0, '个', '场所巡查', '六类' from stg_f19_key_place_inspection
    union all select 'U-joint', '综合查一次', count(*) filter (where is_joint), 0, '次', '执法检查', '累计' from stg_f11_law_enforcement_inspection
    union all select 'F-loss', '涉案金额', sum(loss_amount) / 10000, 0, '万元', '诈骗案件', '近12个月'
        from fct_fraud_case where report_time > timestamp '{as_of}' - interval 12 month
    union all select 'F-stop', '止付金额', sum(stop_amount) / 10000, 0, '万元', '诈骗案件', '近12个月'
        from fct_fraud_case where report_time > timestamp '{as_of}' - interval 12 month
    union all select 'F-case', '报案', count(*), 0, '件', '诈骗案件', '近12个月'
        from fct_fraud_case where report_time > timestamp '{as_of}' - interval 12 month
)
select
    figure, row_number() over (order by figure) as figure_no, indicator, number as value,
    case when number is null then '—' when decimals = 0 then format('{:,}', round(number)::bigint)
        when decimals = 1 then printf('%.1f', number) else printf('%.2f', number) end as value_text,
    unit, '' as light_text, '记录：' || records as target_text, note, 'city' as scope_code
from figure
