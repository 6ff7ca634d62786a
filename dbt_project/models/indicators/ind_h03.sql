-- H03 精神分裂症治疗率: by district, city; a stock of quarter ends. Counted in the L4 zone
-- (models/l4/health); here stand only the cells that its declassify let out.
{{ declassified_counts('H03') }}
