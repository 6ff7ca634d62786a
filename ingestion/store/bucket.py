"""A lake under a prefix of an S3-compatible store.

Endpoint and credentials are those of the AWS variables, which delta-rs and polars read themselves.
We neither keep nor log them. DuckDB gets a secret that only its process knows.
"""

from __future__ import annotations

import io
import os
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from urllib.parse import urlparse

from ingestion.store import apart
from ingestion.store.location import Misplaced, Seen, Written, in_one_line, write_parquet

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    from obstore.store import RetryConfig

KEY_ID, KEY, TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
ENDPOINT, ALLOW_HTTP = "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP"
# A store that is away is waited for this long by each question, then the question fails.
PATIENCE_S = 30
# Pauses are drawn by chance: ten questions may be over in two seconds. The time decides, not these.
RETRIES = 10_000
# With the pauses of the library (0.1 s times four) that is about as long.
DUCKDB_RETRIES = 5
# Pyarrow's are drawn anew each time, from nothing up to twice the one before: of a question of ours
# that does not reach the store it is asked in vain for seconds, or for a minute. So it asks twice,
# and we ask it again.
ATTEMPTS, PAUSE_S = 2, 0.5
_UNREACHED = (
    "NETWORK_CONNECTION", "SLOW_DOWN", "SERVICE_UNAVAILABLE", "REQUEST_TIMEOUT",
    "INTERNAL_FAILURE", "HTTP status 5",
)  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True)
class InBucket:
    """A prefix or an object of a bucket; `key` neither begins nor ends with a slash."""

    bucket: str
    key: str
    settled: ClassVar[bool] = True
    scheme: ClassVar[str] = "s3://"

    def __str__(self) -> str:
        return f"{self.scheme}{self._inside}"

    @property
    def _inside(self) -> str:
        return f"{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    def __truediv__(self, key: str) -> Self:
        return type(self)(self.bucket, f"{self.key}/{key}")

    def with_name(self, name: str) -> Self:
        above, slash, _ = self.key.rpartition("/")
        return type(self)(self.bucket, f"{above}{slash}{name}")

    def _listed(self, deep: bool) -> Iterator[tuple[str, Any]]:
        from pyarrow import fs

        chosen = fs.FileSelector(self._inside, allow_not_found=True, recursive=deep)
        for found in _patiently(lambda: _client().get_file_info(chosen)):
            yield found.path.removeprefix(f"{self._inside}/"), found

    def names(self) -> Iterator[str]:
        return (name for name, _ in self._listed(deep=False))

    def below(self) -> Iterator[tuple[str, Seen]]:
        files = ((name, found) for name, found in self._listed(deep=True) if found.is_file)
        return iter(sorted((name, _seen(found)) for name, found in files))

    def sizes(self, names: Iterable[str]) -> Iterator[int | None]:
        # A listing tells a thousand sizes, a question for an object one.
        known = {name: found.size for name, found in self._listed(deep=True) if found.is_file}
        return (known.get(name) for name in names)

    def seen(self) -> Seen | None:
        found = _patiently(lambda: _client().get_file_info(self._inside))
        return _seen(found) if found.is_file else None

    def read_bytes(self) -> bytes:
        def read() -> bytes:
            with _client().open_input_stream(self._inside) as stream:
                content: bytes = stream.read()
            return content

        return _patiently(read)

    def write_bytes(self, content: bytes | memoryview) -> None:
        def write() -> None:
            with _client().open_output_stream(self._inside) as stream:
                stream.write(content)

        _patiently(write)

    def put(self, frame: pl.DataFrame) -> Written:
        file = io.BytesIO()
        write_parquet(frame, file)
        self.write_bytes(file.getbuffer())
        found = self.seen()
        if found is None or found.size_bytes != file.tell():
            raise OSError(f"{self}: written, and not there whole")
        return Written(found.size_bytes, found.mark[1] // 1_000_000)

    def settle(self) -> None:
        """What a store has answered is there."""

    def prepare(self) -> None:
        """A store has no folders."""

    def delta_options(self) -> dict[str, str]:
        # A commit is a put that fails if the version is there: delta-rs' own default on S3.
        return {"retry_timeout": f"{PATIENCE_S}s", "max_retries": str(RETRIES)}

    def polars_options(self) -> dict[str, Any]:
        return {"max_retries": RETRIES, "retry_timeout_ms": PATIENCE_S * 1000}

    def let_in(self, con: duckdb.DuckDBPyConnection) -> None:
        import duckdb_extension_httpfs as wheel

        (extension,) = Path(str(wheel.__file__)).parent.rglob("httpfs.duckdb_extension")
        con.execute(f"LOAD '{extension}'")
        # It takes the variables into settings that everybody can read: out with them.
        for setting in ("access_key_id", "secret_access_key", "session_token"):
            con.execute(f"SET s3_{setting} = ''")
        con.execute(f"SET http_retries = {DUCKDB_RETRIES}")
        con.execute("SET enable_server_cert_verification = true")
        if trusted := ssl.get_default_verify_paths().cafile:
            con.execute("SET ca_cert_file = ?", [trusted])
        asked = urlparse(os.environ.get(ENDPOINT, ""))
        told = {
            "key_id": _needed(KEY_ID),
            "secret": _needed(KEY),
            "session_token": os.environ.get(TOKEN, ""),
            "region": _region(),
            "url_style": "path" if asked.netloc else "vhost",
            "use_ssl": asked.scheme != "http",
            "scope": f"{self.scheme}{self.bucket}",
        }
        if asked.netloc:
            told["endpoint"] = asked.netloc
        named = ", ".join(f"{name} ${name}" for name in told)
        con.execute(f"CREATE OR REPLACE SECRET lake (TYPE s3, {named})", told)

    def keeps_commits(self) -> str:
        _tried(self, os.environ.get(ENDPOINT, ""))
        return apart.KEPT

    def reach(self) -> str:
        try:
            any(True for _ in self.names())
        except OSError as error:
            raise OSError(f"{self} does not answer: {in_one_line(error)}") from error
        self.keeps_commits()  # before the first row is entrusted to it
        return f"{self} answers"


def _patiently(question: Callable[[], T]) -> T:
    """Ask until the store answers, for `PATIENCE_S`; what it answers, an error too, is its word."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return question()
        except OSError as error:
            away = any(word in str(error) for word in _UNREACHED)
            if not away or time.monotonic() > until:
                raise
        time.sleep(PAUSE_S)


@cache
def _tried(place: InBucket, _: str) -> None:
    """Asked once by a process of a place at an address; an error is asked again."""
    from obstore.store import S3Store

    # Endpoint and credentials from the environment, as delta-rs takes them.
    patience: RetryConfig = {
        "retry_timeout": timedelta(seconds=PATIENCE_S),
        "max_retries": RETRIES,
    }
    store = S3Store(place.bucket, prefix=place.key, retry_config=patience)
    apart.keeps_both(store, str(place))


def _seen(found: Any) -> Seen:
    return Seen(found.size, (found.size, found.mtime_ns))


def location(named: str) -> InBucket:
    """The location that a variable names, `s3://bucket/prefix`; raises `Misplaced`."""
    bucket, _, key = named.removeprefix(InBucket.scheme).strip("/").partition("/")
    if not named.startswith(InBucket.scheme) or not bucket or not key:
        raise Misplaced(f"FENGQIAO_LAKE is s3://bucket/prefix, not {named}")
    if os.environ.get(ENDPOINT, "").startswith("http://") and not os.environ.get(ALLOW_HTTP):
        raise Misplaced(f"{ENDPOINT} is not encrypted: {ALLOW_HTTP}=true says that it may be so")
    return InBucket(bucket, key)


def _needed(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise Misplaced(f"{variable} is not set: the lake lies on a store")
    return value


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _client() -> Any:
    """The connection for small questions."""
    endpoint = os.environ.get(ENDPOINT, "")
    asked = (endpoint, _needed(KEY_ID), _needed(KEY), os.environ.get(TOKEN, ""), _region())
    return _connected(os.getpid(), *asked)  # a forked process has none of the threads


@cache
def _connected(_: int, endpoint: str, key_id: str, key: str, token: str, region: str) -> Any:
    from pyarrow import fs

    asked = urlparse(endpoint)
    where = {"endpoint_override": asked.netloc, "scheme": asked.scheme} if endpoint else {}
    return fs.S3FileSystem(
        access_key=key_id,
        secret_key=key,
        session_token=token or None,
        region=region,
        connect_timeout=PATIENCE_S,
        request_timeout=PATIENCE_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        **where,
    )
