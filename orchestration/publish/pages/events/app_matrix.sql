-- Grain: one row per domain: applications online of those registered, one column per place
-- (`c330602`; c330600 is the city itself), and for the whole.
with app as (
    select app.*, 'c' || app.region_code as place, domain.label_zh,
        case app.domain when 'CC' then 0 else 1 end as domain_order
    from fct_scene_app as app
    left join dim_code as domain on domain.code_table = 'DOMAIN' and domain.code = app.domain
    where app.registered_date is not null
),
counted as (
    select domain_order, app.domain, label_zh, place, count(*) as registered_n,
        count(*) filter (where online_date is not null) as online_n
    from app group by all
    union all
    select domain_order, app.domain, label_zh, 'whole', count(*), count(*) filter (where online_date is not null)
    from app group by all
),
place as (
    select 'c' || region_code as place from seed_division where unit_level in ('1', '2')
    union all select 'whole'
),
cell as (
    select domain.domain_order, domain.domain, domain.label_zh, place.place,
        case when counted.registered_n is null then '—'
            when online_n = registered_n then printf('● %d/%d', online_n, registered_n)
            else printf('▲ %d/%d', online_n, registered_n) end as words
    -- And of no domain: a city without a ledger has the columns that the page names.
    from (select distinct domain_order, domain, label_zh from counted union all select 2, null, null) as domain
    cross join place
    left join counted on counted.domain = domain.domain and counted.place = place.place
),
wide as (
    pivot cell on place using first(words)
)
select * exclude (domain_order), row_number() over (order by domain_order, domain) as domain_no,
    'city' as scope_code
from wide where domain is not null
