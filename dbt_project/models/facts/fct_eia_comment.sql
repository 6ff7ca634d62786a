-- One row per public comment on an environmental assessment (P20) with the project it is about (P19).
select
    comment.comment_id, comment.eia_id, assessed.project_code, comment.comment_date, comment.stance,
    comment._delivery_id, comment._source_row
from {{ ref('stg_p20_eia_public_comment') }} as comment
inner join {{ ref('stg_p19_eia_approval') }} as assessed on assessed.eia_id = comment.eia_id
where comment.comment_date <= {{ as_of_date() }}
