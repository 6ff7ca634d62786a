"""The second lock on SQL Lab: what a statement may be, before it reaches a bench file.

The first lock is the file: it holds only what its audience may read, opened read-only without
access to anything outside (traps: row rules and schema permissions are no boundary on DuckDB).
Runs inside Superset's environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

BENCH = "bench-"
_ROOTS = (exp.Select, exp.SetOperation)
# Each of these read a forbidden table past schema permissions, or changes what a session sees.
_FORBIDDEN = (
    exp.Pivot, exp.Values, exp.Summarize, exp.Command, exp.Describe, exp.Set, exp.Pragma,
    exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Copy, exp.Attach, exp.Detach,
)  # fmt: skip
_READERS = ("read_", "parquet_", "sniff_csv", "glob", "query", "duckdb_", "pragma_", "getenv")
_SETTINGS = ("current_setting", "getvariable")


class Refused(Exception):
    """A statement that the bench does not run; the text is shown to its author."""


_known: dict[tuple[str, int], frozenset[str]] = {}


def allowed_tables(database: Any, file: Path) -> frozenset[str]:
    """The tables of a bench file, exactly as they are written; asked once per published file.

    Through Superset's own engine: a second connection of another configuration in this process
    would be refused by DuckDB.
    """
    key = (str(file), file.stat().st_mtime_ns)
    if key not in _known:
        with database.get_inspector() as inspector:
            _known[key] = frozenset(inspector.get_table_names(schema="main"))
    return _known[key]


def check(sql: str, tables: frozenset[str]) -> None:
    """Raise `Refused` unless `sql` is one query over the named tables."""
    try:
        statements = [s for s in sqlglot.parse(sql, read="duckdb") if s is not None]
    except sqlglot.errors.SqlglotError as error:
        raise Refused("语句无法解析") from error
    if len(statements) != 1:
        raise Refused("一次只能运行一条语句")
    root = statements[0]
    if not isinstance(root, _ROOTS):
        raise Refused("只能运行查询（SELECT）")
    for node in root.walk():
        if isinstance(node, _FORBIDDEN):
            raise Refused(f"不允许使用 {type(node).__name__.upper()}")
    _check_tables(root, tables)
    _check_functions(root)


def _is_cte(table: exp.Table) -> bool:
    """Whether the name means a common table expression here; inside its own definition it
    means the table of that name, unless the expression is recursive."""
    node: Any = table
    inside = set()
    while node is not None:
        if isinstance(node, exp.CTE):
            inside.add(id(node))
        clause = node.args.get("with_") or node.args.get("with")
        for cte in clause.expressions if clause is not None else ():
            own = id(cte) in inside and not clause.args.get("recursive")
            if cte.alias_or_name == table.name and not own:
                return True
        node = node.parent
    return False


def _check_tables(root: exp.Expression, tables: frozenset[str]) -> None:
    for table in root.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise Refused("不允许使用表函数")
        if table.db not in ("", "main") or table.catalog:
            raise Refused("只能读取本库的表")
        name = table.name
        if name not in tables and (table.db or not _is_cte(table)):
            raise Refused(f"没有表 {name}（表名区分大小写）")


def _check_functions(root: exp.Expression) -> None:
    for call in root.find_all(exp.Anonymous, exp.Func):
        name = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
        if name.startswith(_READERS) or name in _SETTINGS:
            raise Refused(f"不允许使用函数 {name}")


def mutate(sql: str, **context: Any) -> str:
    """Superset's SQL_QUERY_MUTATOR: only statements on a bench file are looked at."""
    database = context.get("database")
    name = str(getattr(database, "database_name", ""))
    if not name.startswith(BENCH):
        return sql
    from dashboards.server import access_log, paths

    # A statement nobody could know of does not run; one that is refused is known of, too.
    try:
        check(sql, allowed_tables(database, paths.bench_file(name)))
    except Refused as refusal:
        _logged(access_log.before_statement, name, sql, str(refusal))
        raise
    _logged(access_log.before_statement, name, sql)
    return sql


def _logged(write: Any, database: str, sql: str, why: str = "") -> None:
    from dashboards.server.access_log import UNLOGGED
    from ingestion.access import NotLogged

    try:
        write(database, sql, named_tables(sql), why)
    except NotLogged as error:
        raise Refused(UNLOGGED) from error


def named_tables(sql: str) -> tuple[str, ...]:
    """The tables a statement names, for the log."""
    try:
        found = [t for s in sqlglot.parse(sql, read="duckdb") if s for t in s.find_all(exp.Table)]
    except sqlglot.errors.SqlglotError:
        return ()
    return tuple(sorted({t.name for t in found if t.name and not _is_cte(t)}))
