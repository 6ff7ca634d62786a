"""Where the parts of the comparison lie, and what a process is told of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "BENCH_DAY_FOLDER"  # tells every process of the comparison its folder
MORNING = time(9)


@dataclass(frozen=True)
class Layout:
    """The folder of one comparison; `end` is the last day that the city delivers."""

    folder: Path

    @classmethod
    def of_environment(cls) -> Layout:
        """The layout that this process was told."""
        return cls(Path(os.environ[FOLDER]))

    @property
    def agencies(self) -> Path:
        return self.folder / "agencies"

    @property
    def yesterday(self) -> Path:
        """The home as it was published the day before."""
        return self.folder / "yesterday"

    @property
    def today(self) -> Path:
        """The home into which the day has been delivered; nothing computed of it."""
        return self.folder / "today"

    @property
    def delivered(self) -> Path:
        """What arrived that day, `<feed>/<n>.<format>`, opened where it was sealed."""
        return self.folder / "delivered"

    @property
    def facts(self) -> Path:
        """Per feed what the peer must find and must leave (JSON)."""
        return self.folder / "facts.json"

    @property
    def feeds(self) -> Path:
        """What the peer's team wrote down of each feed (JSON)."""
        return self.folder / "feeds.json"

    @property
    def history(self) -> Path:
        """Yesterday's tables as Parquet files, from which the peer's are made."""
        return self.folder / "history"

    @property
    def peer(self) -> Path:
        """The peer's tables as they were the day before."""
        return self.folder / "peer"

    @property
    def work(self) -> Path:
        """The copy that one run works on."""
        return self.folder / "work"

    def environment(self, home: Path, as_of: str, api: str = "") -> dict[str, str]:
        """What a process needs; nothing of the caller's city can be touched."""
        own = {
            FOLDER: str(self.folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "FENGQIAO_HOME": str(home),
            "FENGQIAO_SECRETS": str(self.folder / "secrets"),
            "FENGQIAO_AGENCIES": str(self.agencies),
            "FENGQIAO_AS_OF": as_of,
            "FENGQIAO_AGENCY_API": api,
            "FENGQIAO_AGENCY_DB": f"sqlite:///{self.agencies / 'db' / 'agency.sqlite'}",
            "FENGQIAO_STREAMS": (self.agencies / "streams").as_uri(),
            "DAGSTER_HOME": str(home / "dagster"),
            "DLT_DATA_DIR": str(home / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "GX_ANALYTICS_ENABLED": "false",
            "DAGSTER_DISABLE_TELEMETRY": "true",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("FENGQIAO_")}
        return {**inherited, **own}


def mornings(end: date) -> tuple[str, str]:
    """The two moments: what was sent up to the day before `end` is there, and `end` too."""
    today = datetime.combine(end + timedelta(days=1), MORNING)
    return (today - timedelta(days=1)).isoformat(), today.isoformat()
