"""A cluster for a city of a few rows, as the environment names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.spark_cluster import cluster
from orchestration.transform.cluster import MASTER

# A few rows through hundreds of models: compiling Java for each plan, and the optimising compiler,
# cost many times what they save.
SETTINGS = """
spark.sql.shuffle.partitions 1
spark.default.parallelism 1
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.ui.enabled false
spark.driver.memory 1g
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.memory 768m
"""


@contextmanager
def small(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A master and two workers count for this process while they live."""
    (folder / "conf").mkdir(parents=True)
    (folder / "conf/spark-defaults.conf").write_text(SETTINGS)
    patch.setenv("SPARK_CONF_DIR", str(folder / "conf"))
    with cluster(folder) as master:
        patch.setenv(MASTER, master)
        yield
    patch.delenv(MASTER)
