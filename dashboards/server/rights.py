"""What decides the rows that somebody gets, and whether it still is so. In Superset's environment.

Two roles with the same row rules on a dataset get the same rows, so what stands for a reader is
not the role but Superset's own decision: may these roles ask this dataset at all, and which clauses
would be put beside the question. It is remembered for one state of the metadata. The state is a
digest of every table that decides it, read anew every five seconds and at once when a request to
this server may have changed one of them: a change in the metadata file itself, which passes no
request, is seen as well.

Whatever is not known for sure (a guest, groups that cannot be read, a template in a clause, a
dataset that is a query, an error) has no fingerprint, and its answers are not kept.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboards.server import asking, paths

_log = logging.getLogger("fengqiao.answers")
SEEN_AFTER_S = 5.0
_TEMPLATE = ("{{", "{%")
# Who may ask, with which row rules, and what a name in a question means. Charts and pages decide
# no row: a question carries its query. Links are read whole, for a swap leaves their number alone.
_STATE = (
    "select id, clause, filter_type, group_key from row_level_security_filters order by id",
    "select rls_filter_id, role_id from rls_filter_roles order by 1, 2",
    "select rls_filter_id, group_concat(table_id) from"
    " (select * from rls_filter_tables order by rls_filter_id, table_id) group by 1 order by 1",
    "select id, name from ab_role order by id",
    "select role_id, group_concat(permission_view_id) from"
    " (select * from ab_permission_view_role order by role_id, permission_view_id)"
    " group by 1 order by 1",
    "select id, permission_id, view_menu_id from ab_permission_view order by id",
    "select id, name from ab_view_menu order by id",
    "select id, name from ab_permission order by id",
    "select * from dbs order by id",
    "select * from tables order by id",
    "select id, table_id, column_name, expression, type, is_dttm, is_active, groupby, filterable,"
    " python_date_format, changed_on from table_columns order by id",
    "select id, table_id, metric_name, expression, changed_on from sql_metrics order by id",
    "select id, datasource_id, cache_timeout from slices where cache_timeout is not null"
    " order by id",
    "select dashboard_id, role_id from dashboard_roles order by 1, 2",
)


@dataclass
class _Seen:
    """The state as this process saw it last, and what it remembers of it."""

    mark: str | None = None
    told: str = ""
    at: float = float("-inf")
    known: dict[tuple[str, frozenset[int], int], str | None] = field(default_factory=dict)


_seen = _Seen()
_lock = threading.Lock()


def _file() -> Path:
    return paths.cache_folder() / "metadata-generation"


def _generation() -> tuple[str, str]:
    """The server's start and the last request that may have changed the metadata."""
    try:
        begun, _, told = _file().read_text(encoding="ascii").partition(" ")
    except FileNotFoundError:
        return "", ""
    return begun, told


def _write(begun: str, told: str) -> None:
    file = _file()
    draft = file.with_name(f".{file.name}-{os.getpid()}-{threading.get_ident()}")
    draft.write_text(f"{begun} {told}", encoding="ascii")
    draft.replace(file)


def server_begins() -> None:
    """Another program may run now: no answer given before is given again."""
    _write(os.urandom(8).hex(), os.urandom(8).hex())


def metadata_changed() -> None:
    """Every process looks at the metadata again before it gives the next answer."""
    _write(_generation()[0], os.urandom(8).hex())


def _mark() -> str | None:
    """A digest of the metadata that decide rows; None when it cannot be read."""
    digest = hashlib.sha256()
    try:
        file = f"file:{paths.metadata_file()}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=5)) as connection:
            for statement in _STATE:
                digest.update(repr(connection.execute(statement).fetchall()).encode())
    except sqlite3.Error as error:
        _log.warning("answers are not kept, the metadata cannot be read: %s", error)
        return None
    return digest.hexdigest()


def state(*, fresh: bool = False) -> str | None:
    """The server's start and the metadata as they are, or were five seconds ago at most; None when
    they cannot be read. `fresh`: as they are."""
    begun, told = _generation()
    with _lock:
        now = time.monotonic()
        if fresh or told != _seen.told or now - _seen.at > SEEN_AFTER_S:
            mark = _mark()
            if mark != _seen.mark:
                _seen.known.clear()
            _seen.mark, _seen.told, _seen.at = mark, told, now
        return None if _seen.mark is None else f"{begun} {_seen.mark}"


def fingerprint(user: Any, dataset: int, now: str) -> str | None:
    """What decides a user's rows of a dataset in the state `now`; None: they are not kept."""
    roles = asking.role_ids(user)
    if roles is None:
        return None
    key = (now, roles, dataset)
    if key not in _seen.known:
        try:
            found = _decided(roles, dataset)
        except Exception as error:
            _log.warning("answers of dataset %s are not kept: %r", dataset, error)
            return None
        # What was read just now may be newer than the state that it would be remembered for.
        if state(fresh=True) != now:
            return None
        _seen.known[key] = found
    return _seen.known.get(key)


def _decided(roles: frozenset[int], dataset: int) -> str | None:
    """Superset's own decision for these roles: the clauses, or None without access."""
    from superset import db, is_feature_enabled, security_manager
    from superset.connectors.sqla.models import SqlaTable
    from superset.exceptions import SupersetSecurityException

    table = db.session.get(SqlaTable, dataset)
    if table is None or table.sql or not table.is_rls_supported or table.database.impersonate_user:
        return None
    if is_feature_enabled("ENABLE_TEMPLATE_PROCESSING") or is_feature_enabled("EMBEDDED_SUPERSET"):
        return None
    model = security_manager.role_model
    reader = asking.Roles(db.session.query(model).filter(model.id.in_(roles)).all())
    if len(reader.roles) != len(roles):
        return None
    with asking.acting(reader):
        try:
            security_manager.raise_for_access(datasource=table)
        except SupersetSecurityException:
            return None
        if not security_manager.can_access("can_read", "Chart"):
            return None
        rules = security_manager.get_rls_filters(table)
    clauses = sorted((str(rule.clause), str(rule.group_key or "")) for rule in rules)
    if any(mark in clause for clause, _ in clauses for mark in _TEMPLATE):
        return None
    return hashlib.sha256(repr(clauses).encode()).hexdigest()
