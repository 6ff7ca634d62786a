-- C08, population: the districts of R01 for each year the register (R07, list PD) has an honour of
-- (reading 10; period date = the year's last day); numerator: passed (01). A district without a row
-- was not named; is_open: still pending (03).
with honour as (
    select item_id, item_year, region_code, result, _delivery_id, _source_row
    from {{ ref('stg_r07_programme_register') }}
    where list_code = 'PD' and item_kind = '04' and item_year is not null
)
select
    place.unit_district || ' ' || {{ text('listed.item_year') }} as row_key,
    make_date(listed.item_year, 12, 31) as period_date,
    max(case when honour.result = '01' then 1 else 0 end) as is_numerator,
    1 as is_denominator,
    max(case when honour.result = '03' then 1 else 0 end) as is_open,
    place.unit_district as region_code, max(honour.result) as result,
    max_by(honour._delivery_id, honour.item_id) as _delivery_id,
    max_by(honour._source_row, honour.item_id) as _source_row
from (select distinct item_year from honour) as listed
cross join {{ ref('int_district_unit') }} as place
left join honour
    on honour.item_year = listed.item_year and honour.region_code = place.unit_district
group by listed.item_year, place.unit_district
