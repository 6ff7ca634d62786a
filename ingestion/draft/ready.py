"""Whether a person has decided what only a person may: purpose, legal basis, owner (DP-01)."""

from __future__ import annotations

from ingestion.contract.model import Contract

TODO = "TODO"


class Undecided(ValueError):
    """A drafted contract whose open questions nobody has answered: nothing is taken in."""


def undecided(contract: Contract) -> list[str]:
    """The keys of the contract that still say TODO."""
    said = {
        "description.purpose": contract.purpose,
        "legal_basis": contract.legal_basis,
        "team.name": contract.owner,
    }
    return [key for key, text in said.items() if str(text).lstrip().upper().startswith(TODO)]


def check_decided(contract: Contract) -> None:
    """Raise `Undecided` unless the contract says why, by what right and whose the data are."""
    waiting = undecided(contract)
    if waiting:
        raise Undecided(f"{contract.path}: no ingest while {', '.join(waiting)} says TODO (DP-01)")
