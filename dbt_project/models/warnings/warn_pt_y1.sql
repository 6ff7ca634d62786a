-- PT-Y1, yellow, clock: a suggestion or an appeal was not told within ten days that it is taken up (step 03).
with timers as (
    {{ notice_timers('PT-Y1') }}
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
