"""Random faults one after another on one small home, for as long as it is told (`make soak`).

Each round begins at yesterday's home, strikes three faults, looks after each whether anything is
lost, doubled or blank, then runs once undisturbed and compares lake and pages with a run that was
left alone. `FENGQIAO_SOAK_MINUTES` (60), `FENGQIAO_SOAK_SEED` (1).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.faults import homes
from tests.faults.same import AFTER_A_LEAP, differences

FAULTS_A_ROUND = 3
UNABLE = 3
# Seconds after a step began within which it is killed; the longest is dbt.
STEPS = {"deliver": 0.8, "checks": 2.0, "dbt": 9.0, "judge": 0.8, "publish": 1.5}
COLUMNS = ("fault", "times", "healed", "lost or doubled", "blank pages", "not as expected")
Chance = np.random.Generator
Fault = Callable[[Path, Chance], bool]


def _step(chance: Chance) -> str:
    return str(chance.choice(list(STEPS)))


def kill(home: Path, chance: Chance) -> bool:
    step = _step(chance)
    code = homes.run(home, f"kill:{step}:{chance.uniform(0, STEPS[step]):.2f}").returncode
    return code in (-9, 0)  # 0: it had ended before


def full_disk(home: Path, chance: Chance) -> bool:
    limit = int(2 ** chance.uniform(10, 24))
    return homes.run(home, f"limit:{_step(chance)}:{limit}").returncode in (0, 1, UNABLE)


def no_rights(home: Path, chance: Chance) -> bool:
    names = ["lake", "lake/ops", "outbox", "archive", "build", "serving", "ops"]
    chosen = [home / "data" / str(n) for n in chance.choice(names, 2, replace=False)]
    with homes.read_only(*chosen):
        return homes.run(home, obedient=True).returncode in (0, 1, UNABLE)


def two_at_once(home: Path, chance: Chance) -> bool:
    both = [homes.start(home) for _ in range(2)]
    for process in both:
        process.communicate(timeout=300)
    return sorted(p.returncode for p in both) in ([0, UNABLE], [0, 0])


def damage(home: Path, chance: Chance) -> bool:
    """Cut off or overwrite one file that is computed; the run after it makes it again."""
    data = home / "data"
    files = [*data.glob("build/*.duckdb"), *data.glob("serving/pages.duckdb")]
    files += [*data.glob("build/dbt/*/partial_parse.msgpack"), *data.glob("ops/day.json")]
    files = [f for f in files if f.stat().st_size]
    file = files[chance.integers(len(files))]
    content = file.read_bytes()
    if chance.random() < 0.5:
        file.write_bytes(content[: int(chance.integers(len(content)))])
    else:
        file.write_bytes(chance.bytes(min(len(content), 20_000)) + content[20_000:])
    code = homes.run(home).returncode
    return code == 0 or homes.run(home).returncode == 0  # a block inside is met during dbt


def clock_leaps(home: Path, chance: Chance) -> bool:
    """A run of another day while nothing new waits: a receipt would bear that day."""
    day = str(chance.choice(["2026-10-30", "2026-11-09", "2026-12-01"]))
    waiting = home / "data" / "inbox" / "UK01" / homes.WAITING
    was_there = waiting.exists()
    waiting.unlink(missing_ok=True)
    done = homes.run(home, FENGQIAO_AS_OF=f"{day}T09:00:00")
    if was_there:
        homes.lay_today(home)
    return done.returncode == 0


def api_away(home: Path, chance: Chance) -> bool:
    """The agencies' interface refuses connections; the other feeds go on."""
    words = ("", "feed:UK01", "feed:F18")
    done = homes.run(home, *words, FENGQIAO_AGENCY_API="http://127.0.0.1:9")
    return done.returncode == 1 and "feed:F18" in done.stderr


FAULTS: dict[str, Fault] = {
    "killed": kill,
    "disk full": full_disk,
    "no right to write": no_rights,
    "two runs at once": two_at_once,
    "computed file damaged": damage,
    "clock leaps": clock_leaps,
    "interface away": api_away,
}


def _look(home: Path, name: str, score: dict[str, Counter[str]]) -> None:
    """Note what does not hold after a fault. Damage to the pages is looked at after its run."""
    for column, check in (("lost or doubled", homes.conserved), ("blank pages", homes.state)):
        try:
            check(home)
        except Exception:
            score[name][column] += 1
            traceback.print_exc()


def soak(minutes: float, seed: int, folder: Path) -> dict[str, Counter[str]]:
    """Strike until the time is over; gives the counts by fault."""
    score: dict[str, Counter[str]] = defaultdict(Counter)
    yesterday = homes.raise_yesterday(folder / "yesterday")
    homes.lay_today(yesterday)
    alone = homes.copy(yesterday, folder / "alone")
    assert homes.run(alone).returncode == 0
    chance, end = np.random.default_rng(seed), time.monotonic() + 60 * minutes
    waiting: list[str] = []
    while time.monotonic() < end:
        home = homes.copy(yesterday, folder / "home")
        struck = []
        for _ in range(FAULTS_A_ROUND):
            if not waiting:  # every fault comes equally often
                waiting = [str(n) for n in chance.permutation(list(FAULTS))]
            name = waiting.pop()
            struck.append(name)
            score[name]["times"] += 1
            if not FAULTS[name](home, chance):
                score[name]["not as expected"] += 1
                print(f"not as expected: {struck}", file=sys.stderr)
            _look(home, name, score)
        done = homes.run(home)
        try:
            leapt = "clock leaps" in struck
            differing = differences(home, alone, AFTER_A_LEAP if leapt else None)
        except Exception as error:  # what cannot be read has not healed
            differing = [f"{type(error).__name__}: {error}"]
        if done.returncode == 0 and homes.state(home) == (homes.TODAY, "ok") and not differing:
            for name in struck:
                score[name]["healed"] += 1
        else:
            print(f"not healed: {struck}: {differing} {done.stderr}", file=sys.stderr)
        shutil.rmtree(home)
    return score


def main() -> None:
    """Print the table; exit 1 if anything was lost, doubled, blank or not healed."""
    minutes = float(os.environ.get("FENGQIAO_SOAK_MINUTES", "60"))
    seed = int(os.environ.get("FENGQIAO_SOAK_SEED", "1"))
    with tempfile.TemporaryDirectory() as folder:
        score = soak(minutes, seed, Path(folder))
    print(f"{minutes:g} minutes, seed {seed}")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for name in FAULTS:
        print("| " + " | ".join([name, *(str(score[name][c]) for c in COLUMNS[1:])]) + " |")
    good = all(
        c["healed"] == c["times"] and not any(c[n] for n in COLUMNS[3:]) for c in score.values()
    )
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
