"""`fengqiao sql` on a store: the lake's prefix can be read, nothing else, and no secret either."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion import places
from ingestion.lake import duck
from ingestion.lake.views import register
from orchestration.run.day import build_file
from orchestration.run.query import ask
from tests.ingestion.test_upkeep import deliver_samples
from tests.object_store.weed import BUCKET, Weed


@pytest.fixture
def build(on_store: Path) -> Path:
    """A build file whose one mart is a view of the lake."""
    deliver_samples()
    with duck.connect(build_file()) as con:
        register(con)
        for schema in ("marts", "judged", "staging", "seeds"):
            con.execute(f"create schema {schema}")
        con.execute("create view marts.crime as select * from lake.uk01_street_crime")
    return on_store


def lay(weed: Weed, path: str) -> str:
    """A Parquet file in the store that is not the lake's; gives its address."""
    file = io.BytesIO()
    pl.DataFrame({"secret": ["seen"]}).write_parquet(file)
    bucket = path.partition("/")[0]
    weed.files().create_dir(bucket)
    with weed.files().open_output_stream(path) as stream:
        stream.write(file.getvalue())
    return f"s3://{path}"


def test_the_lake_is_read(build: Path) -> None:
    assert ask("select count(*) as n from crime", 5)["n"].to_list() == [11_212]


def test_nothing_else_is_read(build: Path, weed: Weed, prefix: str, tmp_path: Path) -> None:
    own = tmp_path / "own.parquet"
    pl.DataFrame({"secret": ["seen"]}).write_parquet(own)
    outside = [
        lay(weed, "another/x.parquet"),
        lay(weed, f"{BUCKET}/x.parquet"),
        lay(weed, f"{BUCKET}/{prefix}-l4/health/x.parquet"),
        f"s3://{BUCKET}/{prefix}/../x.parquet",
        f"s3://{BUCKET}/{prefix}-l4/**/*.parquet",
        f"http://127.0.0.1:{weed.ports['s3.port']}/another/x.parquet",
        str(own),
    ]
    for address in outside:
        with pytest.raises(duckdb.Error) as refused:
            ask(f"select * from read_parquet('{address}')", 5)
        assert isinstance(refused.value, duckdb.PermissionException | duckdb.IOException), address
        assert "seen" not in str(refused.value)
    with duck.connect() as free:  # the same address is readable where nothing is shut
        assert free.sql(f"select * from read_parquet('{outside[1]}')").fetchall() == [("seen",)]
    inside = f"s3://{BUCKET}/{prefix}/conformed/**/*.parquet"
    assert ask(f"select count(*) as n from read_parquet('{inside}')", 5)["n"][0] == 11_212


@pytest.mark.parametrize(
    "query",
    [
        "from duckdb_secrets()",
        "select name, value from duckdb_settings()",
        "select current_setting('s3_secret_access_key')",
        "from which_secret('s3://lake/x', 's3')",
    ],
)
def test_no_secret_is_read(build: Path, weed: Weed, query: str) -> None:
    found = ask(query, 10_000)
    assert found.height > 0
    assert weed.key not in str(found.rows())


@pytest.mark.parametrize(
    "query",
    [
        "from duckdb_secrets(redact = false)",
        "set allow_unredacted_secrets = true",
        "set allowed_directories = ['/']",
        "create secret other (type s3)",
        "copy (select 1) to 's3://lake/x.parquet'",
        "load httpfs",
    ],
)
def test_the_door_stays_shut(build: Path, query: str) -> None:
    with pytest.raises(duckdb.Error):
        ask(query, 5)


@pytest.mark.parametrize(
    "query",
    [
        "copy (select 1) to '{}'",
        "explain analyze copy (select 1) to '{}'",
        "copy (select 1) to '{}'; select 1",
        "select 1; copy (select 1) to '{}'",
        "from query('copy (select 1) to ''{}''')",
    ],
)
def test_nothing_can_be_written_below_the_prefix(build: Path, query: str) -> None:
    before = dict(places.lake().below())
    with pytest.raises(duckdb.Error):
        ask(query.format(places.lake() / "x.parquet"), 5)
    assert dict(places.lake().below()) == before
