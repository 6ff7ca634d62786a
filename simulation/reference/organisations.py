"""A synthetic directory of organisations in the form of R02.

Names follow the usual names of departments; every code is invented (see codes.py).
"""

from __future__ import annotations

import polars as pl

from simulation.reference.codes import synthetic_org_code

CITY = "330600"
# role, name after the unit's own name, kind (ORG_KIND), enforcement domain (ENF_DOMAIN)
DEPARTMENTS: list[tuple[str, str, str, str | None]] = [
    ("politics_law", "委政法委", "01", None),
    ("social_centre", "社会治理中心", "08", None),
    ("data_bureau", "政务服务(大数据)局", "01", None),
    ("police", "公安局", "03", None),
    ("procuratorate", "人民检察院", "06", None),
    ("court", "人民法院", "05", None),
    ("justice", "司法局", "01", None),
    ("enforcement", "综合行政执法局", "01", "13"),
    ("housing", "住房和城乡建设局", "01", "10"),
    ("transport", "交通运输局", "01", "11"),
    ("ecology", "生态环境局", "01", "02"),
    ("labour", "人力资源和社会保障局", "01", "03"),
    ("health", "卫生健康委员会", "01", "06"),
    ("education", "教育局", "01", None),
    ("market", "市场监督管理局", "01", "01"),
    ("water", "水利局", "01", None),
    ("land", "自然资源和规划局", "01", "09"),
    ("agriculture", "农业农村局", "01", "07"),
    ("emergency", "应急管理局", "01", "08"),
    ("culture", "文化广电旅游局", "01", "12"),
    ("petition", "信访局", "01", None),
    ("civil", "民政局", "01", None),
]
# Departments that the city's directory learnt of later: their numbers follow all others, so that
# no code of the first directory moves.
LATER_DEPARTMENTS: list[tuple[str, str, str]] = [("reform", "发展和改革委员会", "01")]
LATER_FROM = 2588


def _department_name(unit: str, role: str, tail: str) -> str:
    if role == "politics_law":
        return f"中共{unit}{tail}"
    if role == "court" and unit == "绍兴市":
        return "绍兴市中级人民法院"
    return unit + tail


def organisations(division: pl.DataFrame) -> pl.DataFrame:
    """Departments of city and districts, town governments, police stations, one foreign sender."""
    rows: list[dict[str, object]] = []
    number = 0
    by_role: dict[tuple[str, str], str] = {}
    regions = division.filter(pl.col("unit_level") < "3").select("region_code", "name_zh")
    for region, unit in regions.iter_rows():
        for role, tail, kind, enforcement in DEPARTMENTS:
            number += 1
            code = synthetic_org_code(region, number, "2" if kind == "08" else "1")
            by_role[region, role] = code
            rows.append(
                {
                    "code_scheme": "1",
                    "org_code": code,
                    "name_zh": _department_name(unit, role, tail),
                    "org_kind": kind,
                    "org_level": "4" if region == CITY else "3",
                    "parent_org_code": None if region == CITY else by_role[CITY, role],
                    "dept_org_code": code,
                    "region_code": region,
                    "town_code": None,
                    "enf_domain": enforcement,
                    "on_dept_card": True,
                    "role": role,
                }
            )
    towns = division.filter(pl.col("unit_level") == "3").select(
        "region_code", "town_code", "name_zh", "town_type", "station_code"
    )
    for region, town, name, town_type, station in towns.iter_rows():
        number += 1
        code = synthetic_org_code(region, number)
        office = "办事处" if town_type == "1" else "人民政府"
        rows.append(
            {
                "code_scheme": "1",
                "org_code": code,
                "name_zh": name + office,
                "org_kind": "02",
                "org_level": "2",
                "parent_org_code": None,
                "dept_org_code": code,
                "region_code": region,
                "town_code": town,
                "enf_domain": None,
                "on_dept_card": True,
                "role": "town",
            }
        )
        rows.append(
            {
                "code_scheme": "2",
                "org_code": station,
                "name_zh": name + "派出所",
                "org_kind": "04",
                "org_level": "2",
                "parent_org_code": by_role[region, "police"],
                "dept_org_code": by_role[region, "police"],
                "region_code": region,
                "town_code": town,
                "enf_domain": None,
                "on_dept_card": False,
                "role": "station",
            }
        )
    foreign = synthetic_org_code(CITY, number + 1, "9")
    rows.append(
        {
            "code_scheme": "1",
            "org_code": foreign,
            "name_zh": "西约克郡警察局(英国公开数据)",
            "org_kind": "09",
            "org_level": "4",
            "parent_org_code": None,
            "dept_org_code": foreign,
            "region_code": CITY,
            "town_code": None,
            "enf_domain": None,
            "on_dept_card": False,
            "role": "west_yorkshire_police",
        }
    )
    number = LATER_FROM
    for role, tail, kind in LATER_DEPARTMENTS:
        for region, unit in regions.iter_rows():
            code = by_role[region, role] = synthetic_org_code(region, number)
            number += 1
            rows.append(
                {
                    "code_scheme": "1",
                    "org_code": code,
                    "name_zh": unit + tail,
                    "org_kind": kind,
                    "org_level": "4" if region == CITY else "3",
                    "parent_org_code": None if region == CITY else by_role[CITY, role],
                    "dept_org_code": code,
                    "region_code": region,
                    "town_code": None,
                    "enf_domain": None,
                    "on_dept_card": True,
                    "role": role,
                }
            )
    # A court is also known by the six digits of its own system (ORG_SCHEME 3).
    for region, unit in regions.iter_rows():
        rows.append(
            {
                "code_scheme": "3",
                "org_code": region,
                "name_zh": _department_name(unit, "court", "人民法院"),
                "org_kind": "05",
                "org_level": "4" if region == CITY else "3",
                "parent_org_code": None if region == CITY else CITY,
                "dept_org_code": by_role[region, "court"],
                "region_code": region,
                "town_code": None,
                "enf_domain": None,
                "on_dept_card": False,
                "role": "court_code",
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        valid_from=pl.lit("2023-01-01"), valid_to=pl.lit(None, pl.String), is_synthetic=pl.lit(True)
    )
