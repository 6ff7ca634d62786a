-- C09, population: answers to question Q01 by the wave of the survey (period date = the quarter's
-- first day), each with its weight; numerator: safe or very safe (4, 5). A refusal (0) leaves both
-- sides; it is asked and open. is_answer counts heads: 400 of them publish a district.
select
    response.response_id as row_key,
    {{ day_of_quarter_text('response.survey_wave') }} as period_date,
    {{ unit_region_column('response.region_code') }},
    case when response.answer_code in (4, 5) then response.weight else 0 end as is_numerator,
    case when response.answer_code between 1 and 5 then response.weight else 0 end as is_denominator,
    case when response.answer_code = 0 then 1 else 0 end as is_open,
    case when response.answer_code between 1 and 5 then 1 else 0 end as is_answer,
    response.survey_wave, response.answer_code, response.weight,
    response._delivery_id, response._source_row
from {{ ref('stg_p48_public_survey_12340') }} as response
{{ unit_region_join('response.region_code') }}
where response.question_code = 'Q01'
