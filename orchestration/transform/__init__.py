"""Lake → marts: the dbt project, in this process or on a cluster."""

from orchestration.transform.cluster import count
from orchestration.transform.run import DbtFailed, DbtRun, NodeResult, run_dbt
from orchestration.transform.zones import run_zones

__all__ = ["DbtFailed", "DbtRun", "NodeResult", "count", "run_dbt", "run_zones"]
