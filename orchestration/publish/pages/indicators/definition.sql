-- Grain: one row per indicator: what it is, as the registry says.
select
    indicator_code, plain_code(indicator_code) || ' ' || name_zh as indicator, domain_zh as domain,
    row_number() over (order by indicator_code) as indicator_no,
    formula_zh as formula_text,
    coalesce(nullif(numerator_zh, ''), '—') as numerator_text,
    coalesce(nullif(denominator_zh, ''), '—') as denominator_text, unit,
    case direction when 'higher' then '越高越好' when 'lower' then '越低越好' else '不分高低' end as direction_text,
    coalesce(nullif(target_text, ''), '—') as target_text,
    case when coalesce(yellow_text, '') in ('', '-') and coalesce(red_text, '') in ('', '-') then '不评灯'
        else '黄：' || coalesce(nullif(yellow_text, ''), '—') || '；红：' || coalesce(nullif(red_text, ''), '—') end
        as threshold_text,
    translate(basis, ';', '；') as basis_text, owner_zh || ' ' || owner_phone as owner_text,
    coalesce(nullif(caution_zh, ''), '—') as caution_text,
    case disclosure when 'none' then '全部公开' when 'k5' then '少于5的不公开'
        when 'k10' then '少于10的不公开' else '市以下少于10的不公开' end as disclosure_text,
    formula_version as version_text, coalesce(feed.feeds_text, '—') as feeds_text,
    -- A published value is never changed; a later reading is a dated revision.
    case when coalesce(revision_word.revised_n, 0) = 0 then '没有修订'
        else format('{:,} 次，最近 {}', revision_word.revised_n, strftime(revision_word.last_date, '%Y-%m-%d')) end
        as revision_text,
    'city' as scope_code
from dim_indicator
left join revision_word using (indicator_code)
left join (
    select indicator_code, string_agg(distinct feed_name(unit.name_zh), '、' order by feed_name(unit.name_zh)) as feeds_text
    from (select indicator_code, trim(unnest(string_split(sources, ';'))) as feed_code from dim_indicator) as source
    inner join dim_unit as unit on unit.unit_level = 'feed' and unit.unit_code = source.feed_code
    group by indicator_code
) as feed using (indicator_code)
