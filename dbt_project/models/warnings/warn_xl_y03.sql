-- XL-Y03, yellow, repetition: one party's cases of one domain within two years, each below a threshold,
-- together at or above it: was one matter split?
{{ warning_repetition('XL-Y03') }}
