"""Weekly and monthly briefs: what the pages say, on paper, for each recipient its own rows."""

from orchestration.brief.make import Brief, NoBrief, make

__all__ = ["Brief", "NoBrief", "make"]
