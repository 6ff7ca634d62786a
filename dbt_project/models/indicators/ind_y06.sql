-- Y06 复学就业安置率: by district, city; by half-year of closing. Counted in the L4 zone
-- (models/l4/minors); here stand only the cells that its declassify let out.
{{ declassified_counts('Y06') }}
