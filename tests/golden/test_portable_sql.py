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
            for row in con.execute("select indicator_code from marts.dim_indicator").fetchall()
        }
    assert counted == registered
    for code in registered:
        model = f"ind_{code.lower().replace('#', '_')}_rows.sql"
        assert (PROJECT / "models/indicators" / model).exists(), model
