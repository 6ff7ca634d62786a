-- Grain: exactly one row: what every page prints in its head.
-- A failed build leaves the file in place and only rewrites state and state_text (publish.mark).
select
    timestamp '{as_of}' as as_of, '{as_of_text}' as as_of_text, '{release_id}' as release_id,
    'ok' as state, '本次发布完整' as state_text, '{data_note}' as data_note, 'city' as scope_code
