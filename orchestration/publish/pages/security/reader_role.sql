-- Grain: one row per role: which rows of the pages it sees, and which file it has in SQL Lab (DP-10, DP-11).
select role_no, role_name, label_zh, pages_text, bench_text, feeds_text, 'operations' as scope_code
from role_word
