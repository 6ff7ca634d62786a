-- The versions of the index as signed: weights (W), goalposts (G), priors (P) and judgements (J), one
-- row each, of versions signed by as_of.
select
    index_version, card, row_kind, dim_code, item_code, judge_no, pair_dim, pair_value, weight, goal_lo,
    goal_hi, prior_a, prior_b, prior_mu, prior_s, cr, signed_date, valid_from, valid_to,
    _delivery_id, _source_row
from {{ ref('stg_r03_index_weight_version') }}
where signed_date is null or signed_date <= {{ as_of_date() }}
