"""A key that is gone is never replaced in silence."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pyrage
import pytest

from ingestion import keys, places
from ingestion.contract import load
from ingestion.delivery import spool
from ingestion.delivery.received import from_bytes
from orchestration.run.doctor import examine
from tests.conftest import settle
from tests.faults import homes
from tests.ingestion import victim


@pytest.fixture
def city(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of today's home with a key of each kind; this process points at it."""
    folder = homes.copy(alone, tmp_path / "city")
    settle(monkeypatch, folder, homes.TODAY)
    keys.token_key("信访")
    keys.spool_identity()
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """What lies in the home, but for what each process logs of itself."""
    logs = folder / "data/ops/logs"
    telling = {folder / "data/ops" / n for n in ("run.lock", "alerts", "metrics")}
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for place in (folder / "data", folder / "secrets")
        for p in place.rglob("*")
        if p.is_file() and not p.is_relative_to(logs) and not telling & {p, *p.parents}
    }


def doctor() -> tuple[bool, str]:
    (found,) = [f for f in examine() if f.name == "keys"]
    return found.ok, found.text


def waits_in_the_spool() -> Path:
    contract = load("F18")
    day = date(2026, 10, 30)
    spool.keep(from_bytes(contract, b"{}\n", day, day, "F18_20261030-20261030.ndjson"))
    (file,) = spool.folder("F18").glob("*.age")
    return file


@pytest.mark.parametrize("lost", ["token", "archive", "spool", "all"])
def test_a_run_refuses_before_it_writes_and_the_secrets_heal_it(
    city: Path, tmp_path: Path, lost: str
) -> None:
    waiting = waits_in_the_spool() if lost == "spool" else None
    names = {
        "token": ["token-*"], "archive": ["archive.*"], "spool": ["spool.key"], "all": ["*"],
    }[lost]  # fmt: skip
    kept = shutil.copytree(city / "secrets", tmp_path / "kept")
    gone = [p for name in names for p in (city / "secrets").glob(name)]
    assert gone
    for path in gone:
        path.unlink()
    before = files(city)
    done = homes.run(city)
    assert done.returncode == 3
    named = {"token": "token-", "spool": "spool.key"}.get(lost, "archive.pub")
    assert named in done.stderr and "back-up" in done.stderr
    assert files(city) == before
    ok, text = doctor()
    assert not ok and named in text
    shutil.copytree(kept, city / "secrets", dirs_exist_ok=True)
    assert doctor()[0]
    if waiting is not None:
        waiting.unlink()
    keys.guard_lost()


def test_another_key_under_the_same_name_is_no_better_than_none(city: Path) -> None:
    (path,) = (city / "secrets").glob("token-*")
    path.write_text("00" * keys.TOKEN_BYTES)
    with pytest.raises(keys.Unsafe, match=path.name):
        keys.guard_lost()


def test_a_key_is_not_made_anew_where_the_home_knows_one(city: Path) -> None:
    (path,) = (city / "secrets").glob("token-*")
    path.unlink()
    with pytest.raises(keys.Unsafe, match="delete"):
        keys.token_key("信访")
    assert not path.exists()
    (places.ops() / "keys" / path.name).unlink()  # the way out that the line names
    assert keys.token_key("信访")


def test_the_archives_public_half_follows_from_its_private_one(city: Path) -> None:
    public = city / "secrets/archive.pub"
    text = public.read_text()
    public.unlink()
    keys.guard_lost()
    assert isinstance(keys.archive_recipient(), pyrage.x25519.Recipient)
    assert public.read_text() == text


def test_a_spool_key_with_nothing_in_the_spool_may_be_made_again(city: Path) -> None:
    (city / "secrets/spool.key").unlink()
    keys.guard_lost()
    keys.spool_identity()
    waits_in_the_spool()
    keys.guard_lost()


def test_a_home_of_before_notes_the_keys_it_has(city: Path) -> None:
    shutil.rmtree(places.ops() / "keys")
    keys.guard_lost()
    noted = {p.name for p in (places.ops() / "keys").iterdir()}
    assert {"archive.pub", "spool.key"} < noted
    assert any(n.startswith("token-") for n in noted)


def _look(settings: dict[str, str], times: int) -> None:
    os.environ.update(settings)
    for _ in range(times):
        keys.guard_lost()


def test_workers_that_look_at_once_see_no_key_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spool's note comes and goes with every look: none may trip over another's."""
    home, own = tmp_path / "data", tmp_path / "secrets"
    settings = {"FENGQIAO_HOME": str(home), "FENGQIAO_SECRETS": str(own)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    keys.secret(keys.SPOOL_KEY)
    keys.archive_recipient()
    workers = [victim.SPAWN.Process(target=_look, args=(settings, 400)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert keys.lost_keys() == []


def test_production_makes_no_key_in_an_agencys_place(
    city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused rows sealed to a pair of ours would be read by us and not by the agency."""
    made = keys.agency_recipient("F18")
    public = keys.agency_key_path("F18")
    assert str(made) == public.read_text().strip()
    monkeypatch.setenv("FENGQIAO_ENVIRONMENT", "production")
    assert str(keys.agency_recipient("F18")) == str(made)
    public.unlink()
    with pytest.raises(
        keys.NoAgencyKey, match=r"agency-F18\.pub is missing: feed:F18 has refused rows"
    ):
        keys.agency_recipient("F18")
    assert not public.exists()
    (found,) = [f for f in examine() if f.name == "agency keys"]
    assert not found.ok and "F18" in found.text
