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
    # Counted by the clock: one question may take long itself.
    end = time.monotonic() + seconds
    last: BaseException | None = None
    while time.monotonic() < end:
        try:
            if ready():
                return
        except Exception as error:
            last = error
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


def weed_ports() -> dict[str, int]:
    """The free ports that one SeaweedFS listens on, by its own names for them."""
    names = ("master", "volume", "filer", "s3")
    return {port: free_port() for name in names for port in (f"{name}.port", f"{name}.port.grpc")}


def weed_command(folder: Path, config: Path, ports: dict[str, int]) -> list[str]:
    """SeaweedFS with nothing outside its folder and its ports, so that two stand side by side.

    Its catalogs of Iceberg and Lance would each take a fixed port, and the second store's process
    would end itself over the one that is taken.
    """
    weed = str(Path(sys.executable).with_name("weed"))
    command = [weed, f"-logdir={folder}", "server", f"-dir={folder}", "-ip=127.0.0.1"]
    command += ["-s3", "-filer", f"-s3.config={config}", "-master.telemetry=false"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"]
    command += [f"-{name}.localSocket={folder}/{name}.sock" for name in ("filer", "s3")]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=40"]
    return command + [f"-{name}={port}" for name, port in ports.items()]


@contextmanager
def seaweed() -> Iterator[str]:
    """An S3 store; gives its address. Everybody with the key `any`/`any` may write."""
    with folder_of(pwd.getpwuid(os.getuid()).pw_name) as (folder, _):
        config = folder / "s3.json"
        config.write_text(
            '{"identities":[{"name":"agency","credentials":[{"accessKey":"any","secretKey":'
            '"any-secret"}],"actions":["Admin","Read","Write","List","Tagging"]}]}'
        )
        ports = weed_ports()
        command = weed_command(folder, config, ports)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            until(lambda: answers(ports["s3.port"]))
            yield f"http://127.0.0.1:{ports['s3.port']}"
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
