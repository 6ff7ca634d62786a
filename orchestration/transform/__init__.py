"""Lake → marts: the dbt project, run in this process."""

from orchestration.transform.run import DbtFailed, DbtRun, NodeResult, run_dbt
from orchestration.transform.zones import run_zones

__all__ = ["DbtFailed", "DbtRun", "NodeResult", "run_dbt", "run_zones"]
