"""Real counterparts on free ports of loopback, for the length of a block.

Both databases refuse to run as root; then they run as their own users, in folders that are
theirs. Nothing of the system's own servers is touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
MARIADBD = Path("/usr/sbin/mariadbd")
SSHD = Path("/usr/sbin/sshd")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ready: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something answers; its last refusal is told."""
    for _ in range(int(seconds / 0.05)):
        try:
            if ready():
                return
        except Exception as error:
            last: BaseException | None = error
        else:
            last = None
        time.sleep(0.05)
    raise TimeoutError("the server never answered") from last


def answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


@contextmanager
def folder_of(user: str) -> Iterator[tuple[Path, str | None]]:
    """A short-named folder; when we are root it belongs to `user`, who is named too."""
    # Sockets live here: their path may not be longer than about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="fq-"))
    other = user if os.geteuid() == 0 else None
    if other is not None:
        account = pwd.getpwnam(other)
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        yield folder, other
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ended(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    process.send_signal(how)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass
class Database:
    """A database server that can be killed and started again."""

    url: str
    port: int
    command: list[str]
    user: str | None
    ready: Callable[[], object]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        # Its own session: a killed server must take its helpers along and nobody else.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, user=self.user, stdout=log, stderr=log, start_new_session=True
            )
        until(self.ready)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            ended(self.process, how)
            self.process = None


@contextmanager
def postgres() -> Iterator[Database]:
    with folder_of("postgres") as (folder, user):
        port, tools, data = free_port(), POSTGRES[0], folder / "data"
        subprocess.run(
            [tools / "initdb", "-D", data, "-U", "agency", "-A", "trust", "-N", "-E", "UTF8"],
            user=user,
            check=True,
            capture_output=True,
            cwd=folder,
        )
        command = [str(tools / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        ping = [str(tools / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        server = Database(
            f"postgresql+psycopg://127.0.0.1:{port}/postgres",
            port,
            command,
            user,
            lambda: subprocess.run(ping).returncode == 0,
            folder / "log",
        )
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # at once: nobody wants its data any more


@contextmanager
def mariadb() -> Iterator[Database]:
    with folder_of("mysql") as (folder, user):
        port, data = free_port(), folder / "data"
        setup = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        setup += ["--auth-root-authentication-method=normal"]
        subprocess.run(setup, user=user, check=True, capture_output=True, cwd=folder)
        command = [str(MARIADBD), "--no-defaults", f"--datadir={data}", f"--port={port}"]
        command += ["--bind-address=127.0.0.1", f"--socket={folder}/s", "--skip-name-resolve"]
        command += ["--innodb-flush-log-at-trx-commit=2", f"--pid-file={folder}/pid"]

        def ping() -> bool:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
            return True

        server = Database(
            f"mysql+pymysql://127.0.0.1:{port}/test", port, command, user, ping, folder / "log"
        )
        server.start()
        with pymysql.connect(host="127.0.0.1", port=port, user="root").cursor() as cursor:
            cursor.execute("create database test character set utf8mb4")
        try:
            yield server
        finally:
            server.stop(signal.SIGKILL)


@contextmanager
def seaweed() -> Iterator[str]:
    """An S3 store; gives its address. Everybody with the key `any`/`any` may write."""
    weed = Path(sys.executable).with_name("weed")
    with folder_of(pwd.getpwuid(os.getuid()).pw_name) as (folder, _):
        config = folder / "s3.json"
        config.write_text(
            '{"identities":[{"name":"agency","credentials":[{"accessKey":"any","secretKey":'
            '"any-secret"}],"actions":["Admin","Read","Write","List","Tagging"]}]}'
        )
        names = ("master", "volume", "filer", "s3")
        ports = {name: free_port() for name in names}
        more = {f"{name}.port.grpc": free_port() for name in names}
        command = [str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", "-filer"]
        command += [f"-{name}.port={port}" for name, port in ports.items()]
        command += [f"-{name}={port}" for name, port in more.items()]
        command += [f"-s3.config={config}", "-volume.max=20", "-master.volumeSizeLimitMB=64"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            until(lambda: answers(ports["s3"]))
            yield f"http://127.0.0.1:{ports['s3']}"
        finally:
            ended(process, signal.SIGKILL)


@dataclass(frozen=True)
class Sftp:
    """An SFTP server of this user, who has the key."""

    port: int
    folder: Path
    host_key: str
    private_key: str


def _key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


@contextmanager
def sshd() -> Iterator[Sftp]:
    with folder_of(pwd.getpwuid(os.getuid()).pw_name) as (folder, _):
        port = free_port()
        _key(folder / "host")
        _key(folder / "user")
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "files").mkdir()
        Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
        config = folder / "sshd_config"
        config.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/authorized\nPidFile {folder}/pid\nUsePAM no\n"
            "StrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n"
            "Subsystem sftp internal-sftp\n"
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(SSHD), "-D", "-e", "-f", str(config)], stdout=log, stderr=log
            )
        try:
            until(lambda: answers(port))
            yield Sftp(
                port,
                folder / "files",
                " ".join((folder / "host.pub").read_text().split()[:2]),
                (folder / "user").read_text(),
            )
        finally:
            ended(process)
