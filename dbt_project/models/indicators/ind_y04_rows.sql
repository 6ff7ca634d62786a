-- Y04: Y03's rate of a quarter against that of the same quarter a year before (period date = first day
-- of the quarter's last month). numerator: the difference of the two rates; denominator: the earlier
-- rate; least_n: the smaller of the two counts of persons who offended again.
select
    total.row_key, total.period_date,
    total.rate - before.rate as is_numerator,
    before.rate as is_denominator,
    0 as is_open,
    least(total.reoffend_person_n, before.reoffend_person_n) as least_n,
    total.reoffend_person_n, total.released_cohort_n,
    before.reoffend_person_n as reoffend_before_n, before.released_cohort_n as cohort_before_n,
    total._delivery_id, total._source_row
from (
    select *, cast(is_numerator as double) / cast(is_denominator as double) as rate
    from {{ ref('ind_y03_rows') }}
    where is_denominator > 0
) as total
inner join (
    select *, cast(is_numerator as double) / cast(is_denominator as double) as rate
    from {{ ref('ind_y03_rows') }}
    where is_denominator > 0
) as before on before.period_date = {{ months_before('total.period_date', 12) }}
