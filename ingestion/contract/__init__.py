"""Contracts: ODCS v3.1 files read into one small model. See README.md of this folder."""

from ingestion.contract.load import load, load_all, load_known, load_platform
from ingestion.contract.model import Contract, Due, Field, RowRule
from ingestion.contract.rules import ContractError

__all__ = [
    "Contract",
    "ContractError",
    "Due",
    "Field",
    "RowRule",
    "load",
    "load_all",
    "load_known",
    "load_platform",
]
