-- Grain: one row per choice of 区县, choice of 时段 and map indicator: a GeoJSON feature collection.
-- One row, because only inside it the drawing order holds: districts by light, plates of the
-- labels, towns (schematic marks in the shape of their light: there are no free town polygons),
-- then labels as glyph outlines (deck.gl's text layer cannot draw Chinese).
with told as (
    select indicator_code, unit_level, unit_code, window_kind, period_start, period_end, value, suppressed, light
    from fct_indicator
    union all
    -- The stability index is of towns alone: its districts are drawn without a value.
    select indicator_code, 'district', unit_code, window_kind, period_start, period_end, null, false, null
    from (select distinct indicator_code, window_kind, period_start, period_end from fct_indicator
        where indicator_code = 'S01' and unit_level = 'town')
    cross join (select unit_code from pages.scope where unit_level = 'district')
),
choice as (
    select period, indicator_code, window_kind, period_start, period_end from pages.period
    union all
    select period, 'S01', 'month', period_start, period_end
    from pages.index_month where card = 'TOWN' and period = '最新'
),
cell as (
    select period.period, period.period_start, period.period_end, value.indicator_code,
        value.unit_level, value.unit_code, registry.name_zh as indicator,
        case when value.value is null or value.suppressed then '—'
            when registry.decimals = 2 then printf('%.2f', value.value)
            else printf('%.1f', value.value) end as value_text,
        registry.unit, value.light,
        case value.light when 'R' then '红' when 'Y' then '黄' when 'G' then '绿' else '灰' end
            as light_text
    from choice as period
    inner join told as value
        on value.indicator_code = period.indicator_code
        and value.window_kind = period.window_kind
        and value.period_start = period.period_start and value.period_end = period.period_end
    inner join dim_indicator as registry on registry.indicator_code = value.indicator_code
    -- A map weighs 60 KB: of all periods only what the cockpit chooses from.
    where (value.indicator_code in ('D09', 'D07', 'P01', 'D12')
            or value.indicator_code in ('K01', 'U01', 'Z01', 'S01') and period.period = '最新')
        and value.unit_level in ('district', 'town')
),
placed as (
    select cell.*, unit.name_zh, unit.district_code,
        coalesce(label.lon, unit.lon) as lon, coalesce(label.lat, unit.lat) as lat,
        case light when 'R' then [217, 83, 79] when 'Y' then [222, 158, 54]
            when 'G' then [38, 150, 120] else [96, 112, 138] end as colour,
        json_object('名称', unit.name_zh, '指标', indicator, '现值', value_text || ' ' || cell.unit,
            '灯', light_text, '时段', case period when '最新'
                then strftime(period_end, '%Y年%m月') else period end) as tooltip
    from cell
    inner join dim_unit as unit
        on unit.unit_level = cell.unit_level and unit.unit_code = cell.unit_code
    left join pages.map_label as label on label.unit_code = unit.unit_code
    -- Towns without coordinates and buckets that are no place are not drawn.
    where unit.unit_code not in ('{city_code}', 'unassigned') and unit.lon is not null
),
district as (
    -- Light borders: they are drawn over all fills, and dark ones would cut the labels.
    select placed.*, 1 as layer, part.part_no as shape_no,
        json_object('type', 'Polygon', 'coordinates', json_array(part.ring::json)) as geometry,
        list_append(colour, 205) as fill, [226, 236, 250, 130] as stroke
    from placed
    inner join seed_district_boundary as part on part.region_code = placed.unit_code
    where placed.unit_level = 'district'
),
mark as (
    -- ■ red, ▲ yellow, ● green or none, as in the legend: legible without seeing colours. Two a
    -- town, the dark one under the light: a visible edge on every colour.
    select light, shape_no, list([
        round(size * cos(radians(turn + 360.0 / corners_n * step)), 5),
        round(size * sin(radians(turn + 360.0 / corners_n * step)), 5)] order by step) as outline
    from (values ('R', 4, 45, 0.0130, 1.4), ('Y', 3, 90, 0.0150, 2.0), ('G', 16, 0, 0.0105, 1.0),
            ('', 16, 0, 0.0105, 1.0)) as form (light, corners_n, turn, radius_deg, corner_factor),
        lateral (values (1, radius_deg + 0.004 * corner_factor), (2, radius_deg))
            as part (shape_no, size),
        lateral (select unnest(range(corners_n + 1)) as step)
    group by all
),
town as (
    select placed.*, 3 as layer, mark.shape_no,
        json_object('type', 'Polygon', 'coordinates', [list_transform(mark.outline, lambda p:
            [round(placed.lon + p[1] / cos(radians(placed.lat)), 5), round(placed.lat + p[2], 5)]
        )]) as geometry,
        case mark.shape_no when 1 then [11, 22, 38, 230]
            else list_append(list_transform(colour, lambda c: least(255, c + 25)), 255) end as fill,
        [0, 0, 0, 0] as stroke
    from placed
    inner join mark on mark.light = coalesce(placed.light, '')
    where placed.unit_level = 'town'
),
letter as (
    select unit_code, period, indicator_code, line_no, letter_no, glyph.polygons, em_deg,
        sum(glyph.advance_em) over (partition by unit_code, period, indicator_code, line_no
            order by letter_no) - glyph.advance_em as left_em,
        sum(glyph.advance_em) over (partition by unit_code, period, indicator_code, line_no)
            as width_em
    from (
        select unit_code, period, indicator_code, 1 as line_no, 0.046 as em_deg, name_zh as words
        from placed where unit_level = 'district'
        union all
        select unit_code, period, indicator_code, 2, 0.044, value_text
        from placed where unit_level = 'district' and value_text <> '—'
    ) as line,
        unnest(string_split(words, '')) with ordinality as part (character, letter_no)
    inner join glyph on glyph.character = part.character
),
label as (
    select placed.*, 4 as layer, letter.line_no * 100 + letter.letter_no as shape_no,
        json_object('type', 'MultiPolygon', 'coordinates', list_transform(letter.polygons,
            lambda polygon: list_transform(polygon, lambda ring: list_transform(ring, lambda p: [
                round(placed.lon + (p[1] + letter.left_em - letter.width_em / 2) * letter.em_deg
                    / cos(radians(placed.lat)), 5),
                round(placed.lat + p[2] * letter.em_deg
                    - case letter.line_no when 1 then 0.002 else 0.050 end, 5)])))) as geometry,
        [255, 255, 255, 255] as fill, [0, 0, 0, 0] as stroke
    from placed
    inner join letter using (unit_code, period, indicator_code)
    where placed.unit_level = 'district'
),
plate as (
    -- A dark plate with cut corners under each label keeps it legible on every light.
    select placed.*, 2 as layer, 0 as shape_no,
        json_object('type', 'Polygon', 'coordinates', [list_transform(
            [[-1, -0.7], [-1, 0.7], [-0.88, 1], [0.88, 1], [1, 0.7], [1, -0.7], [0.88, -1],
                [-0.88, -1], [-1, -0.7]], lambda corner: [
                round(placed.lon + corner[1] * (extent.half_width_deg + 0.014)
                    / cos(radians(placed.lat)), 5),
                round(placed.lat - 0.006 + corner[2] * 0.056, 5)])]) as geometry,
        [11, 22, 38, 150] as fill, [0, 0, 0, 0] as stroke
    from placed
    inner join (
        select unit_code, period, indicator_code, max(width_em * em_deg) / 2 as half_width_deg
        from letter group by all
    ) as extent using (unit_code, period, indicator_code)
    where placed.unit_level = 'district'
),
viewer as (
    -- The whole city for its leadership; under the same choice a district's leader sees that one.
    select district, unit_code as scope_code, unit_code as of_district
    from pages.scope where unit_level = 'district'
    union all
    select whole.district, 'only:' || own.unit_code, own.unit_code
    from pages.scope as whole cross join pages.scope as own
    where whole.unit_level = 'city' and own.unit_level = 'district'
    union all
    select district, 'restricted', null from pages.scope where unit_level = 'city'
),
shape as (
    select * from district union all select * from town
    union all select * from plate union all select * from label
),
-- Each shape is written once, whoever looks at it.
drawn as materialized (
    select period, indicator_code, indicator, district_code, layer, unit_code, shape_no,
        json_object('type', 'Feature', 'geometry', geometry,
            'properties', json_object('fillColor', fill, 'strokeColor', stroke), 'extraProps', tooltip) as feature
    from shape
)
select
    viewer.district, viewer.scope_code, drawn.period, drawn.indicator_code, drawn.indicator as map_indicator,
    json_object('type', 'FeatureCollection', 'features',
        list(drawn.feature order by drawn.layer, drawn.unit_code, drawn.shape_no))::varchar as feature
from drawn
inner join viewer on viewer.of_district is null or viewer.of_district = drawn.district_code
group by all
