"""Who is at work in this process. Superset knows its users itself (`dashboards/server`)."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_NOBODY_LOGGED_IN = 2**32 - 1


@dataclass(frozen=True)
class Who:
    """A login, its role, and the way it came."""

    login: str
    role: str
    via: str  # terminal | superset


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a container's user without an entry
        return str(user)


@lru_cache(maxsize=1)
def somebody_here() -> Who:
    """The operating system's user, and whoever logged in to become it.

    `$USER` is what anybody may set, so the kernel is asked: `loginuid` is set at login and survives
    `sudo` and `su`. Where no login set it, `sudo`'s own variable is told beside the account.
    """
    account = _name(os.geteuid())
    behind = os.environ.get("SUDO_USER", "")
    try:
        logged_in = int(Path("/proc/self/loginuid").read_text("ascii"))
        if logged_in != _NOBODY_LOGGED_IN:
            behind = _name(logged_in)
    except (OSError, ValueError):
        pass
    login = f"{behind} as {account}" if behind and behind != account else account
    return Who(login, "os-user", "terminal")
