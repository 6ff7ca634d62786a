"""A table of an agency's database as deliveries: one per period of the contract's calendar.

Rows belong to a period by the time of their last change (`watermark`), and a period reaches back
over its start by `overlap_minutes`, because a transaction may become visible after its time.
Only declared columns are asked for. One statement in one read-only snapshot gives the rows, as
text exactly as the database writes it; a connection that breaks starts the whole read again.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    NoSuchTableError,
    OperationalError,
    SQLAlchemyError,
)

from ingestion.clock import LOCAL
from ingestion.connectors.source import (
    address,
    credential,
    file_name,
    missing_periods,
    unavailable,
)
from ingestion.contract.model import Contract, DuePeriod
from ingestion.delivery.received import Received, from_bytes

log = logging.getLogger("fengqiao.sql")
READS = 5
WAIT_SECONDS = 0.5  # doubled after each broken read: a restart takes seconds
CHUNK_ROWS = 5_000
_TABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
# What a session must promise before it reads, beside the isolation set for the engine.
_SESSION = {
    "postgresql": ("SET TIME ZONE 'Asia/Shanghai'", "SET default_transaction_read_only = on"),
    "mysql": ("SET time_zone = '+08:00'", "SET SESSION TRANSACTION READ ONLY"),
    "mariadb": ("SET time_zone = '+08:00'", "SET SESSION TRANSACTION READ ONLY"),
}


def _engine(contract: Contract) -> sa.Engine:
    try:
        url = sa.make_url(str(address(contract)))
    except ArgumentError as error:
        raise unavailable(contract, "the address is not one of a database") from error
    name = contract.server.options.get("credential")
    if url.get_backend_name() == "sqlite":
        # Read only: a file that is not there must not be made by asking for it.
        url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
        return sa.create_engine(url, poolclass=sa.NullPool)
    if name:
        secret = credential(contract, name)
        url = url.set(username=secret["username"], password=secret["password"])
    engine = sa.create_engine(
        url, poolclass=sa.NullPool, isolation_level="REPEATABLE READ", hide_parameters=True
    )
    statements = _SESSION.get(engine.dialect.name, ())

    @sa.event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.commit()

    return engine


def _text(value: Any) -> str:
    """What JSON has no word for, as the contract's readers know it."""
    if isinstance(value, datetime):
        local = value.astimezone(LOCAL).replace(tzinfo=None) if value.tzinfo else value
        return local.isoformat(" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_text).encode


def _line(columns: Sequence[str], row: Sequence[Any]) -> bytes:
    if float in map(type, row):  # JSON has no word for some of them; theirs costs only that record
        row = [str(v) if isinstance(v, float) and not math.isfinite(v) else v for v in row]
    named = dict(zip(columns, row, strict=True))
    try:
        return orjson.dumps(
            named, _text, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE
        )
    except orjson.JSONEncodeError:  # a number beyond 64 bits, half of a surrogate pair
        return (_encode(named) + "\n").encode("utf-8", "surrogatepass")


class Table:
    """The declared table, its names checked against contract and database."""

    def __init__(self, contract: Contract) -> None:
        options = contract.server.options
        self._contract, declared = contract, str(options["table"])
        if not _TABLE.fullmatch(declared):
            raise unavailable(contract, f"{declared!r} is not the name of a table")
        schema, _, self._name = declared.rpartition(".")
        self._schema = schema or None
        self._columns = [f.source for f in contract.fields]
        sources = {f.name: f.source for f in contract.fields}
        watermark = str(options["watermark"])
        self._watermark = sources.get(watermark, watermark)
        if self._watermark not in self._columns:
            raise unavailable(contract, f"watermark {watermark!r} is not a declared column")
        self._order = [self._watermark, *(sources[k] for k in contract.key)]
        self._overlap = timedelta(minutes=float(options.get("overlap_minutes", 0)))

    def _bound(self, kind: Any, moment: datetime) -> Any:
        """A moment as the watermark's column compares it."""
        if isinstance(kind, sa.DateTime):
            return moment.replace(tzinfo=LOCAL) if kind.timezone else moment
        if isinstance(kind, sa.Date):
            return moment.date()
        return moment.isoformat(" ")

    def _read(self, connection: sa.Connection, start: datetime, end: datetime) -> Iterator[bytes]:
        stored = {c["name"]: c["type"] for c in self._reflect(connection)}
        absent = [c for c in self._columns if c not in stored]
        if absent:
            raise unavailable(self._contract, f"table {self._name} has no {', '.join(absent)}")
        quoted: dict[str, sa.ColumnClause[Any]] = {
            c: sa.column(sa.quoted_name(c, True)) for c in self._columns
        }
        table = sa.table(sa.quoted_name(self._name, True), *quoted.values(), schema=self._schema)
        mark = quoted[self._watermark]
        # SQLite keeps moments as text whatever the column is called.
        kind = None if connection.dialect.name == "sqlite" else stored[self._watermark]
        low, high = (self._bound(kind, moment) for moment in (start, end))
        query = (
            sa.select(*quoted.values())
            .select_from(table)
            .where(mark >= low, mark < high)
            .order_by(*(quoted[c] for c in dict.fromkeys(self._order)))
        )
        streamed = connection.execution_options(stream_results=True, yield_per=CHUNK_ROWS)
        result = streamed.execute(query)
        cursor: Any = result.cursor
        try:
            for chunk in result.partitions():
                yield _lines(self._columns, chunk)
        except (OperationalError, InterfaceError):
            # PyMySQL would ask the broken connection for the rest when the cursor is collected.
            unread = getattr(cursor, "_result", None)
            if unread is not None:
                unread.unbuffered_active = False
            raise
        without = connection.scalar(
            sa.select(sa.func.count()).select_from(table).where(mark.is_(None))
        )
        if without:
            log.warning(
                "feed:%s: %d rows of %s have no %s and belong to no period",
                self._contract.code,
                without,
                self._name,
                self._watermark,
            )

    def _reflect(self, connection: sa.Connection) -> Sequence[Any]:
        try:
            return sa.inspect(connection).get_columns(self._name, schema=self._schema)
        except NoSuchTableError as error:
            raise unavailable(self._contract, f"there is no table {self._name}") from error

    def read(self, engine: sa.Engine, period: DuePeriod) -> bytes:
        """The rows of a period as NDJSON, by watermark and key."""
        start = datetime.combine(period.period_start, datetime.min.time()) - self._overlap
        end = datetime.combine(period.period_end + timedelta(days=1), datetime.min.time())
        broken = ""
        for attempt in range(READS):
            if broken:
                time.sleep(WAIT_SECONDS * 2 ** (attempt - 1))
            try:
                with engine.connect() as connection:
                    return b"".join(self._read(connection, start, end))
            except (OperationalError, InterfaceError) as error:
                # Only the kind: a driver's text may quote a cell or an address.
                broken = type(error.orig).__name__
            except SQLAlchemyError as error:
                raise unavailable(self._contract, type(error).__name__) from error
        raise unavailable(self._contract, f"the database broke off {READS} reads: {broken}")


def _lines(columns: Sequence[str], chunk: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(_line(columns, row) for row in chunk)


def pending(contract: Contract, as_of: datetime) -> Iterator[Received]:
    """One delivery per missing period, read from the database when its turn comes."""
    periods = missing_periods(contract, as_of) if address(contract) else []
    if not periods:
        return
    table, engine = Table(contract), _engine(contract)
    for period in periods:
        yield from_bytes(
            contract,
            table.read(engine, period),
            period.period_start,
            period.period_end,
            file_name(contract, period),
        )
