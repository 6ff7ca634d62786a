"""A directory for another city, written once (`fengqiao init`)."""

from orchestration.found.begin import CannotBegin, begin

__all__ = ["CannotBegin", "begin"]
