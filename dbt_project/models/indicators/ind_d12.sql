-- D12 纠纷化解时长中位数: by town, district, city; by month of the first 06 event.
-- No closing in the month: no value (never 0); open disputes stand beside it.
{{ count_median('D12', ref('ind_d12_rows'), ref('ind_d12_open'), ['town', 'district', 'city']) }}
