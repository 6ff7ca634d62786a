-- Grain: one row per choice of 区县, choice of 时段 and stage of a dispute's way.
-- Disputes registered in the period (最新: in the last twelve months) that reached the stage;
-- who reached a later stage also passed the earlier ones.
with dispute as (
    select left(town_code, 6) as district_code, register_time,
        strftime(register_time, '%Y年%m月') as period,
        first_06_time is not null as closed,
        first_06_time is not null or first_agreed_time is not null as agreed,
        coalesce(first_06_time, first_agreed_time, first_mediating_time) is not null as mediating,
        coalesce(first_06_time, first_agreed_time, first_mediating_time, first_dispatched_time)
            is not null as dispatched
    from fct_dispute
),
choice as (
    select period, dispute.* exclude (period) from dispute
    union all
    select '最新', dispute.* exclude (period) from dispute
    where register_time >= timestamp '{as_of}' - interval 12 month
),
counted as (
    select scope.district, scope.scope_code, choice.period, count(*) as registered_n,
        count(*) filter (where dispatched) as dispatched_n,
        count(*) filter (where mediating) as mediating_n,
        count(*) filter (where agreed) as agreed_n, count(*) filter (where closed) as closed_n
    from choice
    inner join pages.scope as scope
        on scope.unit_level = 'city' or scope.unit_code = choice.district_code
    group by all
)
select district, scope_code, period, 1 as stage_no, '登记' as stage, registered_n as disputes_n from counted
union all select district, scope_code, period, 2, '分流', dispatched_n from counted
union all select district, scope_code, period, 3, '调解中', mediating_n from counted
union all select district, scope_code, period, 4, '达成协议', agreed_n from counted
union all select district, scope_code, period, 5, '销号', closed_n from counted
