"""Check characters of Chinese organisation codes (GB 11714-1997, GB 32100-2015)."""

from __future__ import annotations

GB32100 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_GB32100_WEIGHTS = [pow(3, i, 31) for i in range(17)]
_GB11714 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GB11714_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def gb11714_check(body: str) -> str:
    """Check character of an eight-character organisation body code."""
    total = sum(_GB11714.index(c) * w for c, w in zip(body, _GB11714_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else str(rest % 11)


def gb32100_check(first17: str) -> str:
    """Check character of a unified social credit code without its last character."""
    total = sum(GB32100.index(c) * w for c, w in zip(first17, _GB32100_WEIGHTS, strict=True))
    return GB32100[(31 - total % 31) % 31]


def synthetic_org_code(region_code: str, number: int, category: str = "1") -> str:
    """A checksum-valid code (18 characters) that no real organisation bears.

    The body code starts with `XN` (虚拟): real bodies are digits or start with M.
    `category` 1 is an organ, 2 a public institution (GB 32100 table 1).
    """
    body = f"XN{number:06d}"
    first17 = f"1{category}{region_code}{body}{gb11714_check(body)}"
    return first17 + gb32100_check(first17)
