"""The golden city is judged here too."""

from tests.golden.conftest import golden, golden_home

__all__ = ["golden", "golden_home"]
