"""Lake → marts: the dbt project, run in this process."""

from orchestration.transform.run import DbtFailed, DbtRun, NodeResult, run_dbt

__all__ = ["DbtFailed", "DbtRun", "NodeResult", "run_dbt"]
