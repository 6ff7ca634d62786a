-- Grain: one row per choice of 时段: how many rows belong to no town, and so to no district.
-- They count for the city and nowhere else; their number stands on the page beside the lights.
with bucket as (
    select period.period, period.period_start, period.period_end, unplaced.indicator_code,
        unplaced.denominator as rows_n, 100 * unplaced.denominator / city.denominator as share
    from pages.period as period
    inner join fct_indicator as unplaced
        on unplaced.indicator_code = period.indicator_code
        and unplaced.unit_level = 'town' and unplaced.unit_code = 'unassigned'
        and unplaced.window_kind = period.window_kind
        and unplaced.period_start = period.period_start
        and unplaced.period_end = period.period_end
    inner join fct_indicator as city
        on city.indicator_code = period.indicator_code and city.unit_level = 'city'
        and city.window_kind = period.window_kind
        and city.period_start = period.period_start and city.period_end = period.period_end
    where period.indicator_code in ('D07', 'D09')
),
choice as (
    select distinct period from pages.period
),
worded as (
    select choice.period, indicator.*,
        case when bucket.rows_n is null then word || ' 0 件'
            else printf('%s %s 件（占全市 %.1f%%，%d年%d月）', word,
                format('{:,}', bucket.rows_n::bigint), bucket.share,
                year(bucket.period_end), month(bucket.period_end)) end as words
    from choice
    cross join (values ('D07', '12345工单'), ('D09', '矛盾纠纷')) as indicator (code, word)
    left join bucket on bucket.period = choice.period and bucket.indicator_code = indicator.code
)
select period, '未归属镇街（计入全市，不计入区县和镇街）' as note_text,
    max(words) filter (where code = 'D07') as tickets_text,
    max(words) filter (where code = 'D09') as disputes_text, 'city' as scope_code
from worded
group by period
