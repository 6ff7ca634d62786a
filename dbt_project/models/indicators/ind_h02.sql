-- H02 规范管理率: by district, city; at the end of a quarter. Counted in the L4 zone
-- (models/l4/health); here stand only the cells that its declassify let out.
{{ declassified_counts('H02') }}
