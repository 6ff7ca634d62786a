-- The registry as the pages and the judging step read it: one row per indicator.
select * from {{ ref('seed_indicator_registry') }}
