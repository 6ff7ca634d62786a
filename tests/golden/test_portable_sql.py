"""The SQL stays portable and documented: linted, because both engines accept what differs."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.golden import city
from tests.golden.conftest import Golden

PROJECT = city.REPOSITORY / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
# Accepted by both engines with different answers, or by one only (traps, measured).
FORBIDDEN = {
    r"extract\s*\(\s*dow|dayofweek": "use iso_weekday()",
    r"\bregexp_replace\b|\bregexp_matches\b": "first match or all differs",
    r"\bhash\s*\(": "engines hash differently",
    r"dbt\.datediff|\bdate_diff\b|\bdatediff\b": "counts boundaries; use elapsed_days()",
    r"\bstrftime\b|\bdate_format\b": "use year_month() or text()",
    r"as varchar\b": "use text()",
    r"\bgenerate_series\b|\bunnest\b|\bexplode\b": "use day_spine()",
    r"\bcurrent_date\b|\bnow\s*\(|\bcurrent_timestamp\b|\btoday\s*\(": "the clock is as_of()",
    r"//|->>|\blist_contains\b|\bstruct_pack\b|\bexclude\b|\bunion by name\b": "one engine only",
    r"\w\[\d+\]": "arrays start at 1 or 0",
    r"approx_": "approximate results differ",
    r'"\w+"': "double quotes are text on Spark",
}


def sql_without_comments(path: Path) -> str:
    text = re.sub(r"{#.*?#}|{{ config\(.*?\) }}", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"--.*", "", text).lower()


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_no_model_uses_what_the_engines_answer_differently(model: Path) -> None:
    text = sql_without_comments(model).replace("var('as_of')[:10]", "")
    found = {why: re.findall(bad, text) for bad, why in FORBIDDEN.items() if re.search(bad, text)}
    assert not found, f"{model.name}: {found}"


def test_every_model_and_column_is_described_in_both_languages(golden_home: Golden) -> None:
    described: dict[str, dict[str, str]] = {}
    for path in (PROJECT / "models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            described[model["name"]] = {"": model["description"]} | {
                column["name"]: column.get("description", "") for column in model["columns"]
            }
    with duckdb.connect(str(golden_home.database), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'marts'"
        ).fetchall()
    assert len(columns) > 200
    missing = [
        f"{table}.{column}"
        for table, column in columns
        for text in [described.get(table, {}).get(column, "")]
        if not (re.search(r"[一-鿿]", text) and re.search(r"[A-Za-z]{2}", text))
    ]
    assert not missing, missing
    assert all(re.search(r"[一-鿿].* / .*[a-z]", words[""]) for words in described.values())


def test_every_count_has_its_registry_row_and_its_rows_model(golden_home: Golden) -> None:
    with duckdb.connect(str(golden_home.database), read_only=True) as con:
        counted = {
            row[0]
            for row in con.execute(
                "select distinct indicator_code from marts.agg_indicator_counts"
            ).fetchall()
        }
        registered = {
            row[0]
            for row in con.execute(
                # The two cards of the index are scored from the counts of others.
                "select indicator_code from marts.dim_indicator where light_rule <> 'index'"
            ).fetchall()
        }
        indexed = {
            row[0]
            for row in con.execute(
                "select indicator_code from marts.dim_indicator where light_rule = 'index'"
            ).fetchall()
        }
    assert counted == registered
    assert indexed == {"S01", "S02"}
    for code in registered:
        model = f"ind_{code.lower().replace('#', '_')}_rows"
        assert model in {path.stem for path in MODELS}, model


REFERENCED = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
L4 = {path.stem: path for path in MODELS if "l4" in path.relative_to(PROJECT / "models").parts}


def zoned_staging() -> set[str]:
    return {path.stem for path in MODELS if "tags=['l4'" in path.read_text()}


def test_nothing_outside_the_zones_reads_a_zone() -> None:
    zoned = zoned_staging()
    feeds = ("f12_smd_patient_care", "f13_smd_warning", "f14_youth_prevention_case")
    assert zoned == {f"stg_{table}" for table in feeds}
    inside = zoned | set(L4)
    reading = {
        path.stem: set(REFERENCED.findall(path.read_text())) & inside
        for path in MODELS
        if path.stem not in inside
    }
    assert {name: refs for name, refs in reading.items() if refs} == {}
    macros = {path.name for path in (PROJECT / "macros").glob("*.sql") if "l4." in path.read_text()}
    assert macros == set(), "no macro names a table of a zone"


def test_what_leaves_a_zone_goes_through_declassify() -> None:
    """A zone's models lead to one table, and that table is the macros and nothing else."""
    from orchestration.transform import zones

    for zone in ("health", "minors"):
        own = [path for path in L4.values() if path.parent.name == zone]
        text = sql_without_comments(L4[f"declassified_{zone}"]).strip()
        cells = r"{{ declassify\(ref\('l4_\w+_counts'\)\) }}"
        totals = r"{{ declassify_totals\(ref\('l4_\w+_totals'\)\) }}"
        inside = r"select \* from \(\s*%s\s*\) as %s"
        both = rf"{inside % (cells, 'cell')}\s+union all\s+{inside % (totals, 'total')}"
        assert re.fullmatch(f"{cells}|{both}", text)
        read = {name for path in own for name in REFERENCED.findall(path.read_text())}
        others = {path.stem for path in L4.values() if path.parent.name != zone}
        assert not read & others, "zones do not read each other"
        assert f"declassified_{zone}" not in read
    source = Path(zones.__file__).with_name("declassified.py").read_text()
    assert re.findall(r"from l4\.(\w+)", source) == ["declassified_"]


def test_every_l4_model_bears_the_tags_that_keep_it_out_of_the_main_run(golden: Golden) -> None:
    built = {node.name for node in golden.run.nodes}
    assert not built & (set(L4) | zoned_staging())
    with duckdb.connect(str(golden.database), read_only=True) as con:
        schemas = {row[0] for row in con.execute("select distinct table_schema from"
                   " information_schema.tables").fetchall()}  # fmt: skip
    assert "l4" not in schemas
