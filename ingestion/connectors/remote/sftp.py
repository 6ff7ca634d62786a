"""A folder of an SFTP server whose host key we know beforehand.

The secret holds `username`, `host_key` ("ssh-ed25519 AAAA…", as in known_hosts) and `password`
or `private_key` (its text). A server with another key is not spoken to.
"""

from __future__ import annotations

import io
import posixpath
import stat
from collections.abc import Callable
from typing import BinaryIO, TypeVar, cast
from urllib.parse import unquote, urlsplit

import paramiko

from ingestion.connectors.remote.store import PROCESSED, Entry, Told
from ingestion.connectors.source import address, credential, unavailable
from ingestion.contract.model import Contract

T = TypeVar("T")
TIMEOUT_SECONDS = 30.0
BUFFER_BYTES = 1 << 20


def _private_key(text: str) -> paramiko.PKey:
    kinds = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
    for kind in kinds:
        try:
            return kind.from_private_key(io.StringIO(text))
        except paramiko.SSHException:
            continue
    raise paramiko.SSHException("a private key of no known kind")


class SftpFolder:
    """`sftp://host:port/folder`."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._client = paramiko.SSHClient()
        url = urlsplit(str(address(contract)))
        self._folder = unquote(url.path).rstrip("/") or "/"
        secret = credential(contract, contract.server.options["credential"])
        host, port = url.hostname or "", url.port or 22
        known = host if port == 22 else f"[{host}]:{port}"
        kind, _, key = secret["host_key"].strip().partition(" ")
        entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{known} {kind} {key}")
        if entry is None or entry.key is None:
            raise unavailable(contract, "host_key in the secret is not a key")
        self._client.get_host_keys().add(known, kind, entry.key)
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())

        def connect() -> paramiko.SFTPClient:
            self._client.connect(
                host,
                port,
                username=secret["username"],
                password=secret.get("password"),
                pkey=_private_key(secret["private_key"]) if "private_key" in secret else None,
                timeout=TIMEOUT_SECONDS,
                allow_agent=False,
                look_for_keys=False,
            )
            opened = self._client.open_sftp()
            channel = opened.get_channel()
            if channel is not None:
                channel.settimeout(TIMEOUT_SECONDS)
            return opened

        try:
            self._sftp = self._call(connect)
        except Exception:
            self._client.close()
            raise

    def _call(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except UnicodeDecodeError as error:
            why = "SFTP: the folder holds a file whose name is not UTF-8: remove or rename it"
            raise unavailable(self._contract, why) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise unavailable(self._contract, f"SFTP: {type(error).__name__}") from error

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    @staticmethod
    def _entry(name: str, found: paramiko.SFTPAttributes) -> Entry:
        return Entry(name, found.st_size or 0, int(found.st_mtime or 0))

    def entries(self) -> list[Entry]:
        found = self._call(lambda: self._sftp.listdir_attr(self._folder))
        return [self._entry(a.filename, a) for a in found if stat.S_ISREG(a.st_mode or 0)]

    def entry(self, name: str) -> Entry | None:
        def look() -> Entry | None:
            try:
                return self._entry(name, self._sftp.stat(self._path(name)))
            except FileNotFoundError:
                return None

        return self._call(look)

    def open(self, entry: Entry) -> BinaryIO:
        def begin() -> paramiko.SFTPFile:
            opened = self._sftp.open(self._path(entry.name), "rb", BUFFER_BYTES)
            opened.prefetch(entry.size, max_concurrent_requests=64)
            return opened

        return cast(BinaryIO, Told(self._call(begin), self._call))

    def put_away(self, name: str) -> None:
        def move() -> None:
            try:
                self._sftp.mkdir(self._path(PROCESSED))
            except OSError:
                self._sftp.stat(self._path(PROCESSED))  # it is there, or this says why not
            self._sftp.posix_rename(self._path(name), self._path(f"{PROCESSED}/{name}"))

        if self.entry(name) is not None:
            self._call(move)

    def close(self) -> None:
        self._client.close()
