"""A database, read in one snapshot: exact, whole after it restarts in mid-read."""

from __future__ import annotations

import gc
import json
import signal
import sqlite3
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingestion import places
from ingestion.connectors import SourceUnavailable, sql
from ingestion.contract import Contract
from ingestion.contract.model import DuePeriod
from tests.connectors.feeds import AS_OF, content, feed, numbers, receipts_n, row, secret, take
from tests.connectors.servers import Database

FIRST = DuePeriod(date(2026, 1, 1), date(2026, 1, 1), AS_OF)
ROWS = 12_000


def contract(folder: Path, **options: Any) -> Contract:
    declared = {"table": "agency_rows", "watermark": "at", "overlap_minutes": 10, **options}
    return feed(folder, "custom", "${AGENCY_DB}", connector="sql", **declared)


def fill(engine: sa.Engine, rows: list[dict[str, Any]]) -> None:
    """A new table of the agency's, with a column that nobody declared."""
    moment: Any = sa.String(30) if engine.dialect.name == "sqlite" else sa.DateTime()
    table = sa.Table(
        "agency_rows",
        sa.MetaData(),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("n", sa.Integer),
        sa.Column("amount", sa.Numeric(12, 2)),
        sa.Column("ok", sa.Boolean),
        sa.Column("words", sa.Text),
        sa.Column("at", moment),
        sa.Column("身份证号", sa.String(18)),
    )
    if engine.dialect.name != "sqlite":
        rows = [{**r, "at": datetime.fromisoformat(r["at"])} for r in rows]
    with engine.begin() as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
        connection.execute(table.insert(), [{**r, "身份证号": "x"} for r in rows])


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def agency(
    request: pytest.FixtureRequest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """The writing side of each database; the pipeline's address and credential are set."""
    if request.param == "sqlite":
        url = sa.make_url(f"sqlite:///{tmp_path}/agency.sqlite")
    else:
        server: Database = request.getfixturevalue(request.param)
        url = sa.make_url(server.url)
    monkeypatch.setenv("AGENCY_DB", url.render_as_string())
    user = {"postgres": "agency", "mariadb": "root"}.get(request.param)
    if user:
        secret("agency-db", {"username": user, "password": ""})
        url = url.set(username=user)
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def declared(folder: Path, engine: sa.Engine, **options: Any) -> Contract:
    if engine.dialect.name != "sqlite":
        options["credential"] = "agency-db"
    return contract(folder, **options)


def test_values_come_as_the_database_writes_them(agency: sa.Engine, tmp_path: Path) -> None:
    odd = row(1, words='a "b"\n,\\ 龘', amount=None, ok=None)
    late = row(2, at="2025-12-31 23:55:00", amount="1200.50")
    outside = [row(3, at="2025-12-31 23:49:59"), row(4, at="2026-01-02 00:00:00")]
    fill(agency, [odd, late, *outside])
    feed_ = declared(tmp_path, agency)
    text = sql.Table(feed_).read(sql._engine(feed_), FIRST).decode("utf-8")
    first, second = (json.loads(line) for line in text.splitlines())
    assert list(first) == ["id", "n", "amount", "ok", "words", "at"]
    assert (first["id"], second["id"]) == ("r00002", "r00001")  # by time of change, then key
    assert first["at"].startswith("2025-12-31 23:55:00")
    if agency.dialect.name != "sqlite":  # it keeps a number, not the digits that were written
        assert first["amount"] == "1200.50"
    assert second["words"] == odd["words"]
    assert (second["amount"], second["ok"]) == (None, None)


def test_changes_arrive_once_and_the_overlap_doubles_nothing(
    agency: sa.Engine, tmp_path: Path
) -> None:
    fill(agency, [row(1), row(2), row(3, at="2026-01-01 23:55:00")])
    feed_ = declared(tmp_path, agency)
    first = take(feed_, AS_OF.replace(day=2))
    assert [(r.rows_n, r.inserted_n) for r in first] == [(3, 3)]
    assert take(feed_, AS_OF.replace(day=2)) == []
    with agency.begin() as connection:
        connection.execute(
            sa.text("update agency_rows set n = 20, at = '2026-01-02 09:00:00' where id = 'r00002'")
        )
    (second,) = take(feed_)
    assert (second.rows_n, second.updated_n, second.unchanged_n) == (2, 1, 1)
    assert numbers(feed_) == [1, 20, 3]
    assert content(feed_)["ok"].to_list() == [False, True, False]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_database_that_restarts_in_mid_read_is_read_again_whole(
    request: pytest.FixtureRequest,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    server: Database = request.getfixturevalue(kind)
    user = {"postgres": "agency", "mariadb": "root"}[kind]
    secret("agency-db", {"username": user, "password": ""})
    monkeypatch.setenv("AGENCY_DB", server.url)
    engine = sa.create_engine(sa.make_url(server.url).set(username=user), poolclass=sa.NullPool)
    # Wide rows: what the driver has not fetched yet is more than any buffer between holds.
    fill(engine, [row(n, words="宽" * 180) for n in range(ROWS)])
    feed_ = contract(tmp_path, credential="agency-db")
    chunks, kills = sql._lines, []

    def watched(columns: Any, chunk: Any) -> str:
        if len(kills) < 2:  # twice: the second read breaks off too
            kills.append(len(chunk))
            server.stop(signal.SIGKILL)
            restart = threading.Thread(target=server.start)
            restart.start()
            if len(kills) == 2:
                restart.join()
        return chunks(columns, chunk)

    monkeypatch.setattr(sql, "_lines", watched)
    monkeypatch.setattr(sql, "CHUNK_ROWS", 500)
    (receipt,) = take(feed_, AS_OF.replace(day=2))
    gc.collect()
    assert len(kills) == 2
    assert (receipt.rows_n, receipt.inserted_n) == (ROWS, ROWS)
    assert numbers(feed_) == list(range(ROWS))


def test_rows_that_change_while_they_are_read_are_read_as_they_were(
    postgres: Database, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret("agency-db", {"username": "agency", "password": ""})
    monkeypatch.setenv("AGENCY_DB", postgres.url)
    engine = sa.create_engine(sa.make_url(postgres.url).set(username="agency"))
    fill(engine, [row(n) for n in range(3_000)])
    feed_ = contract(tmp_path, credential="agency-db")
    chunks, writes = sql._lines, []

    def watched(columns: Any, chunk: Any) -> str:
        if not writes:
            with engine.begin() as connection:
                writes.append(connection.execute(sa.text("update agency_rows set n = -1")))
        return chunks(columns, chunk)

    monkeypatch.setattr(sql, "_lines", watched)
    monkeypatch.setattr(sql, "CHUNK_ROWS", 100)
    take(feed_, AS_OF.replace(day=2))
    engine.dispose()
    assert writes and numbers(feed_) == list(range(3_000))


def test_the_pipeline_cannot_write_to_an_agency(agency: sa.Engine, tmp_path: Path) -> None:
    fill(agency, [row(1)])
    reading = sql._engine(declared(tmp_path, agency))
    with pytest.raises(sa.exc.DBAPIError), reading.begin() as connection:
        connection.execute(sa.text("delete from agency_rows"))


def test_a_value_json_has_no_word_for_costs_its_record(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "agency.sqlite"
    monkeypatch.setenv("AGENCY_DB", f"sqlite:///{file}")
    fill(sa.create_engine(f"sqlite:///{file}"), [row(1), row(2), row(3)])
    with sqlite3.connect(file) as connection:
        connection.execute("update agency_rows set amount = 9e999 where id = 'r00002'")  # Infinity
        connection.execute("update agency_rows set n = 9223372036854775807 where id = 'r00003'")
    (receipt,) = take(contract(tmp_path), AS_OF.replace(day=2))
    assert (receipt.rows_n, receipt.inserted_n, receipt.quarantined_n) == (3, 1, 2)


def test_an_agency_that_is_not_there_or_changed_is_told_and_nothing_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "WAIT_SECONDS", 0.0)
    feed_ = contract(tmp_path)
    assert take(feed_) == []  # nobody has set it up
    file = tmp_path / "agency.sqlite"
    monkeypatch.setenv("AGENCY_DB", f"sqlite:///{file}")
    with pytest.raises(SourceUnavailable, match="feed:T01: the database broke off"):
        take(feed_)
    assert not file.exists()
    with sqlite3.connect(file) as connection:
        connection.execute("create table agency_rows (id text, n int, at text)")
    with pytest.raises(SourceUnavailable, match="has no amount, ok, words"):
        take(feed_)
    for options, why in (
        ({"table": 'x"; drop table y'}, "not the name of a table"),
        ({"table": "nowhere"}, "no table nowhere"),
        ({"watermark": "身份证号"}, "not a declared column"),
    ):
        with pytest.raises(SourceUnavailable, match=why):
            take(contract(tmp_path, **options))
    assert receipts_n(feed_) == 0
    assert not (places.archive() / "T01").exists()
