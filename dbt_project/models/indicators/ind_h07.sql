-- H07 监护补助落实率: by district, city; a stock of quarter ends. Counted in the L4 zone
-- (models/l4/health); here stand only the cells that its declassify let out.
{{ declassified_counts('H07') }}
