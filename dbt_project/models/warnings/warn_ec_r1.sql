-- EC-R1, red, clock: an enforcement case is open after six months (after three, if it enforces an
-- administrative decision), the days the law deducts added. case_no is the court's token of it.
with timers as (
    {{ enforcement_timers('EC-R1') }}
)
{{ lights([warning_clock('timers', ['region_code'])]) }}
