-- One row per suggestion of the procuratorate (F07): several clues may lead to one.
select
    suggestion_id, min(suggest_date) as suggest_date, min(reply_date) as reply_date,
    min(org_code) as org_code, min(region_code) as region_code,
    min(_delivery_id) as _delivery_id, min(_source_row) as _source_row
from {{ ref('fct_procuratorial_clue') }}
where suggestion_id is not null
group by suggestion_id
