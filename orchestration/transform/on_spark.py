"""The child of `cluster.py`: dbt's project on a Spark cluster, its tables left as Parquet.

    python -m orchestration.transform.on_spark FOLDER

reads `FOLDER/job.json` and writes `FOLDER/done.json`. A process of its own: pyspark forks to start
its JVM, and a process that has DuckDB's arenas mapped is too large to be forked on a small machine.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

# What the numbers need; everything else is the cluster's (SPARK_CONF_DIR/spark-defaults.conf).
SETTINGS = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.default": "parquet",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.ui.showConsoleProgress": "false",
}


def session(master: str, warehouse: Path) -> Any:
    """The session that dbt-spark finds with getOrCreate."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("fengqiao")
    for name, value in {**SETTINGS, "spark.sql.warehouse.dir": str(warehouse)}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _run(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    from orchestration.transform.run import DbtFailed, run_dbt

    spark = session(job["master"], folder / "warehouse")
    try:
        for schema, sources in job["sources"].items():
            spark.sql(f"create database if not exists {schema}")
            for table, where in sources.items():
                spark.sql(f"create table {schema}.`{table}` using parquet location '{where}'")
        try:
            run = run_dbt(
                datetime.fromisoformat(job["as_of"]),
                project=Path(job["project"]),
                target="spark",
                command="run",
            )
        except DbtFailed as error:
            return {"ok": False, "said": str(error)}
        for table, where in job["wanted"].items():
            spark.table(table).write.mode("overwrite").parquet(where)
        return {"ok": True, "nodes": [asdict(node) for node in run.nodes]}
    finally:
        spark.stop()


def main(place: str) -> None:
    """Do the job and say how it went."""
    folder = Path(place)
    done = _run(folder, json.loads((folder / "job.json").read_text("utf-8")))
    (folder / "done.json").write_text(json.dumps(done), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
