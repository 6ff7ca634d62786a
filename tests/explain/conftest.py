"""The golden city is explained here."""

from tests.golden.conftest import golden, golden_home

__all__ = ["golden", "golden_home"]
