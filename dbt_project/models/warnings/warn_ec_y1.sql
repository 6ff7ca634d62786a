-- EC-Y1, yellow, clock: an enforcement case is open after five months (after two, if it enforces an
-- administrative decision), the days the law deducts added. case_no is the court's token of it.
with timers as (
    {{ enforcement_timers('EC-Y1') }}
)
{{ lights([warning_clock('timers', ['region_code'])]) }}
