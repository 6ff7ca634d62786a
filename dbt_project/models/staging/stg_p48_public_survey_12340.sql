-- Generated from the contracts by `fengqiao generate`; do not edit.
select
    response_id,
    survey_wave,
    question_code,
    answer_code,
    weight,
    age_band,
    gender,
    edu,
    region_code,
    _delivery_id,
    _source_row,
    {{ to_local('_valid_from') }} as _valid_from,
    _period_end,
    _occurrence,
    _warnings,
    _month
from {{ source('lake', 'p48_public_survey_12340') }}
