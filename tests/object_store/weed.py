"""A store of our own: SeaweedFS on free ports of loopback, with credentials made for this run.

It can go away in the middle of anything (SIGKILL) and come back with what it had.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyarrow import fs

from tests.connectors.servers import answers, ended, until, weed_command, weed_ports

BUCKET = "lake"
OPEN = "open"  # a bucket that asks nobody who he is
WAIT_S = 60.0  # two suites share the machine


@dataclass
class Weed:
    """The store; its folder outlives its process."""

    folder: Path
    key_id: str = field(default_factory=lambda: secrets.token_hex(8))
    key: str = field(default_factory=lambda: secrets.token_hex(20))
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Answers when this comes back: at the same address as before, if there was one."""
        for left in (2, 1, 0):
            known = dict(self.ports)
            self._launch()
            try:
                until(lambda: answers(self.ports["s3.port"]), WAIT_S)
                until(self._stores, WAIT_S)
            except (TimeoutError, OSError) as error:
                # Somebody else may have taken a port that was free when we asked for it.
                self.stop()
                self.ports = known
                if not known:  # what it has written down is of addresses that it does not get
                    for path in self.folder.iterdir():
                        if path.is_dir():
                            shutil.rmtree(path)
                if not left:
                    said = (self.folder / "log").read_text("utf-8", "replace")[-2000:]
                    raise TimeoutError(f"the store does not start: {said}") from error
            else:
                return

    def _launch(self) -> None:
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        owner = {"accessKey": self.key_id, "secretKey": self.key}
        anybody = [f"{action}:{OPEN}" for action in actions[1:]]
        identities = [{"name": "lake", "credentials": [owner], "actions": actions}]
        identities += [{"name": "anonymous", "credentials": [], "actions": anybody}]
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": identities}))
        self.ports = self.ports or weed_ports()
        command = weed_command(self.folder, config, self.ports)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def stop(self) -> None:
        """Away, from one moment to the next."""
        if self.process is not None:
            ended(self.process, signal.SIGKILL)
            self.process = None

    def files(self) -> fs.S3FileSystem:
        """To look into the store, and to lay down what we must not read."""
        return fs.S3FileSystem(
            access_key=self.key_id,
            secret_key=self.key,
            endpoint_override=f"127.0.0.1:{self.ports['s3.port']}",
            scheme="http",
            region="us-east-1",
            allow_bucket_creation=True,
        )

    def _stores(self) -> bool:
        """Ports open before the volumes are there."""
        for bucket in (BUCKET, OPEN):
            self.files().create_dir(bucket)
        with self.files().open_output_stream(f"{BUCKET}/.probe") as stream:
            stream.write(b"x")
        return True

    def variables(self, prefix: str) -> dict[str, str]:
        """The environment of a city whose lake lies under a prefix of the bucket."""
        return {
            "FENGQIAO_LAKE": f"s3://{BUCKET}/{prefix}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3.port']}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.key,
        }

    def point(self, patch: pytest.MonkeyPatch, prefix: str) -> None:
        """This process's lake lies there."""
        for name, value in self.variables(prefix).items():
            patch.setenv(name, value)
