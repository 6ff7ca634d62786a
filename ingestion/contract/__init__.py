"""Contracts: ODCS v3.1 files read into one small model. See README.md of this folder."""

from ingestion.contract.load import ContractError, load, load_all, load_platform
from ingestion.contract.model import Contract, Due, Field, RowRule

__all__ = [
    "Contract",
    "ContractError",
    "Due",
    "Field",
    "RowRule",
    "load",
    "load_all",
    "load_platform",
]
