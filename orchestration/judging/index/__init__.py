"""The stability index: signed versions and counts in, scores, intervals and reasons out."""

from orchestration.judging.index.score import IndexInputs, IndexResult, score_index

__all__ = ["IndexInputs", "IndexResult", "score_index"]
