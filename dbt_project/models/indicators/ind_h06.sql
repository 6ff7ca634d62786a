-- H06 应处置预警处置闭环率: by district, city; by month of the due day. Counted in the L4 zone
-- (models/l4/health); here stand only the cells that its declassify let out.
{{ declassified_counts('H06') }}
