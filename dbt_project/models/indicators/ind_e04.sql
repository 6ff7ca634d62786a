-- E04 执行协作平均反馈时长: by department, district, city; by month of the finish. The mean without the
-- floor(5 %) shortest and longest; of fewer than 20 it is the plain mean.
{{ count_trimmed_mean('E04', ref('ind_e04_rows'), ['department', 'district', 'city']) }}
