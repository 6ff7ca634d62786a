-- Red lines in force (一票否决): an item that is a veto, confirmed, with date and evidence, whose appeal
-- did not annul it (APPEAL_RESULT 3). By the unit it binds: a town, or the department an organisation
-- rolls up to. An unconfirmed one has no effect and is not here.
select
    sheet.sheet_code, sheet.assess_year, sheet.item_code,
    case when town.unit_town is not null then 'town' else 'department' end as unit_level,
    coalesce(town.unit_town, org.unit_department, sheet.unit_code) as unit_code,
    sheet.veto_confirm_date, sheet.confirm_org_code, sheet.evidence_no, sheet.appeal_result,
    sheet._delivery_id, sheet._source_row
from {{ ref('stg_f23_pingan_creation_item') }} as sheet
left join {{ ref('int_town_unit') }} as town on town.town_code = sheet.unit_code
{{ unit_department_join('sheet.unit_code') }}
where sheet.is_veto and sheet.veto_confirmed and sheet.veto_confirm_date <= {{ as_of_date() }}
    and sheet.evidence_no is not null
    and coalesce(sheet.appeal_result, '-') <> '3'
