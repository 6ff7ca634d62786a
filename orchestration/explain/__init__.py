"""Why a number is what it is: from the judged value back to lines of delivered files."""

from orchestration.explain.evidence import Explanation, FeedState, explain
from orchestration.explain.lookup import NotFound
from orchestration.explain.rows import CountedRow
from orchestration.explain.text import render

__all__ = ["CountedRow", "Explanation", "FeedState", "NotFound", "explain", "render"]
