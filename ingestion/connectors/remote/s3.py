"""A prefix of a bucket in an S3-compatible store.

An object appears whole or not at all: an upload that broke off is never listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, TypeVar, cast

from pyarrow import fs

from ingestion.connectors.remote.store import PROCESSED, Entry, Told
from ingestion.connectors.source import address, credential, resolve, unavailable
from ingestion.contract.model import Contract

T = TypeVar("T")
TIMEOUT_SECONDS = 30.0


class S3Folder:
    """`s3://bucket/prefix`; options `endpoint`, `region`, `credential` (access_key, secret_key)."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        options = contract.server.options
        secret = credential(contract, options["credential"])
        self._folder = str(address(contract)).removeprefix("s3://").rstrip("/")
        endpoint = resolve(options["endpoint"]) if "endpoint" in options else None
        if "endpoint" in options and endpoint is None:
            raise unavailable(contract, f"{options['endpoint']} is not set")
        scheme, _, host = (endpoint or "").rpartition("://")
        self._fs = self._call(
            lambda: fs.S3FileSystem(
                access_key=secret["access_key"],
                secret_key=secret["secret_key"],
                endpoint_override=host or None,
                scheme=scheme or "https",
                region=options.get("region", "us-east-1"),
                connect_timeout=TIMEOUT_SECONDS,
                request_timeout=TIMEOUT_SECONDS,
            )
        )

    def _call(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except OSError as error:
            raise unavailable(self._contract, f"S3: {type(error).__name__}") from error

    @staticmethod
    def _entry(info: fs.FileInfo) -> Entry:
        return Entry(info.base_name, info.size, info.mtime_ns or 0)

    def entries(self) -> list[Entry]:
        selector = fs.FileSelector(self._folder, recursive=False, allow_not_found=True)
        found = self._call(lambda: self._fs.get_file_info(selector))
        return [self._entry(i) for i in found if i.type == fs.FileType.File]

    def entry(self, name: str) -> Entry | None:
        info = self._call(lambda: self._fs.get_file_info(f"{self._folder}/{name}"))
        return self._entry(info) if info.type == fs.FileType.File else None

    def open(self, entry: Entry) -> BinaryIO:
        opened = self._call(lambda: self._fs.open_input_stream(f"{self._folder}/{entry.name}"))
        return cast(BinaryIO, Told(opened, self._call))

    def put_away(self, name: str) -> None:
        if self.entry(name) is None:
            return
        source, target = f"{self._folder}/{name}", f"{self._folder}/{PROCESSED}/{name}"
        self._call(lambda: self._fs.copy_file(source, target))
        self._call(lambda: self._fs.delete_file(source))

    def close(self) -> None:
        """Nothing is held."""
