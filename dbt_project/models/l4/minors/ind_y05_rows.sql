-- Y05, population: support cases by the day their first contact is due (period date), without those
-- opened in error (close_reason 3); numerator: contacted by then. Reading 17 and 24:00 of the day.
select
    case_token as row_key,
    first_contact_due as period_date,
    {{ unit_region_column('district_code') }},
    case when first_contact_date <= first_contact_due and first_contact_date <= {{ as_of_date() }}
        then 1 else 0 end as is_numerator,
    case when first_contact_due < {{ as_of_date() }}
        or (first_contact_date <= first_contact_due and first_contact_date <= {{ as_of_date() }})
        then 1 else 0 end as is_denominator,
    case when first_contact_date is null then 1 else 0 end as is_open,
    _delivery_id, _source_row
from {{ ref('stg_f14_youth_prevention_case') }}
{{ unit_region_join('district_code') }}
where open_date <= {{ as_of_date() }} and coalesce(close_reason, '-') <> '3'
