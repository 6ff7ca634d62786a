"""Counts → judged values: shrinkage, intervals, lights, suppression."""

from orchestration.judging.step import JudgeReport, judge

__all__ = ["JudgeReport", "judge"]
