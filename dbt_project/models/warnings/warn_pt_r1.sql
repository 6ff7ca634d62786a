-- PT-R1, red, clock: a suggestion or an appeal was not told within fifteen days that it is taken up (step 03).
with timers as (
    {{ notice_timers('PT-R1') }}
)
{{ lights([warning_clock('timers', ['org_code', 'town_code'])]) }}
