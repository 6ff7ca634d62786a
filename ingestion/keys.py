"""Keys, generated on first use into `FENGQIAO_SECRETS`, 0600, never printed.

- `archive.pub` encrypts what is received; `archive.key` opens it again. In production the
  private key lies on another machine; the demonstration keeps both and says so (`doctor`).
- `spool.key` guards what was pulled until it has its receipt (`delivery/spool.py`).
- `token-<domain>.key` makes tokens of one domain; no key serves two (DP-05).
- `agency-<feed>.pub` encrypts refused rows to the agency; its private half is the agency's.

The home remembers a fingerprint of every key it was made with (`ops/keys/`). A key that is gone is
never replaced in silence: tomorrow's tokens would not meet yesterday's, and nobody would see it.
"""

from __future__ import annotations

import hashlib
import os
import secrets as random
from collections.abc import Callable
from pathlib import Path

import pyrage

from ingestion import places

TOKEN_BYTES = 32
ARCHIVE_KEY, SPOOL_KEY = "archive.pub", "spool.key"


class Unsafe(RuntimeError):
    """A key lies where it must not, or is not the one this home was made with."""


class NoAgencyKey(FileNotFoundError):
    """An agency's public key is not here: its own feed waits, the others go on."""


def write_once(path: Path, text: str) -> str:
    """Write a secret if nobody has yet; the first writer wins, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return _noted(path) or text
    finally:
        draft.unlink(missing_ok=True)
    return text


def secret(name: str) -> str:
    """A random secret of that name (hex), made on first use."""
    path = places.secrets() / name
    return path.read_text() if path.exists() else _made(path, random.token_hex(TOKEN_BYTES))


def _note(path: Path) -> Path:
    """Where the home remembers the key of that file."""
    return places.ops() / "keys" / path.name


def _fingerprint(text: str) -> str:
    return hashlib.sha256(f"fengqiao key {text.strip()}".encode()).hexdigest()[:16]


def _made(path: Path, text: str) -> str:
    """A new key, noted; raises `Unsafe` if this home was made with another one."""
    note = _note(path)
    noted = _noted(note)
    if noted is not None and not path.exists() and noted != _fingerprint(text):
        raise Unsafe(_lost(path))
    kept = write_once(path, text)
    write_once(note, _fingerprint(kept))
    return kept


def _noted(note: Path) -> str | None:
    """The fingerprint noted there, or None: another worker may just have taken the note away."""
    try:
        return note.read_text()
    except FileNotFoundError:
        return None


def _lost(path: Path) -> str:
    also = f" and {places.ops() / 'spool'}, which is pulled again" if path.name == SPOOL_KEY else ""
    return (
        f"{path}: gone, or not the key this home was made with. Bring the secrets back from their "
        f"back-up; to go on with a new key, delete {_note(path)}{also}"
    )


def _spool_waits() -> bool:
    """Whether a pull without a receipt lies there, which only the spool's key opens."""
    return any((places.ops() / "spool").glob("*/*.age"))


def lost_keys() -> list[str]:
    """One line per key that this home was made with and that is gone or another one."""
    notes = sorted(f for f in (places.ops() / "keys").glob("*") if not f.name.startswith("."))
    found = []
    for note in notes:
        path = places.secrets() / note.name
        if path.name == SPOOL_KEY and not _spool_waits():
            continue
        if path.exists():
            text = path.read_text()
        elif path.name == ARCHIVE_KEY and archive_key_path().exists():
            # Its public half is made again.
            text = str(archive_identity().to_public())
        else:
            text = ""
        if (noted := _noted(note)) is not None and _fingerprint(text) != noted:
            found.append(_lost(path))
    return found


def guard_lost() -> None:
    """Refuse to take anything in with a key lost; note the keys that were not noted yet."""
    if lost := lost_keys():
        raise Unsafe("\n".join(lost))
    if not _spool_waits():
        _note(places.secrets() / SPOOL_KEY).unlink(missing_ok=True)
    for pattern in ("token-*.key", ARCHIVE_KEY, SPOOL_KEY):
        for path in places.secrets().glob(pattern):
            if not _note(path).exists():
                write_once(_note(path), _fingerprint(path.read_text()))


def _public(
    public: Path, private: Path, keep: Callable[[Path, str], str] = write_once
) -> pyrage.x25519.Recipient:
    if not public.exists():
        identity = pyrage.x25519.Identity.generate()
        kept = write_once(private, str(identity))
        pair = pyrage.x25519.Identity.from_str(kept)
        keep(public, str(pair.to_public()))
    return pyrage.x25519.Recipient.from_str(public.read_text().strip())


def archive_recipient() -> pyrage.x25519.Recipient:
    """The public key to which everything received is encrypted."""
    return _public(places.secrets() / ARCHIVE_KEY, archive_key_path(), _made)


def archive_key_path() -> Path:
    """Where the archive's private key lies, if it lies on this machine at all."""
    return places.secrets() / "archive.key"


def archive_identity(path: Path | None = None) -> pyrage.x25519.Identity:
    """The archive's private key, for replay; asked for by path in production."""
    return pyrage.x25519.Identity.from_str((path or archive_key_path()).read_text().strip())


def spool_identity() -> pyrage.x25519.Identity:
    """The pair to which a pull is encrypted until its receipt; it stays with the pipeline."""
    path = places.secrets() / SPOOL_KEY
    if not path.exists():
        if not _spool_waits():
            _note(path).unlink(missing_ok=True)  # what it had opened has its receipts
        _made(path, str(pyrage.x25519.Identity.generate()))
    return pyrage.x25519.Identity.from_str(path.read_text().strip())


def in_production() -> bool:
    """Whether this home is a city's own and not a demonstration or a test."""
    return os.environ.get("FENGQIAO_ENVIRONMENT") == "production"


def guard_production() -> None:
    """Refuse to run in production with the archive's private key readable here (decision 15)."""
    if not in_production():
        return
    if archive_key_path().exists():
        raise Unsafe(f"{archive_key_path()}: keep the archive's private key on another machine")
    if not (places.secrets() / "archive.pub").exists():
        raise Unsafe("archive.pub is missing: make the pair elsewhere and bring its public half")


def agency_key_path(feed_code: str) -> Path:
    """Where the public key lies that the agency of a feed has given."""
    return places.secrets() / f"agency-{feed_code}.pub"


def agency_recipient(feed_code: str) -> pyrage.x25519.Recipient:
    """The agency's public key; in the demonstration the simulated agency's pair is made here.

    Raises `NoAgencyKey` in production where it is missing: refused rows sealed to a key made here
    would be rows that the agency cannot read and we can.
    """
    public = agency_key_path(feed_code)
    if in_production() and not public.exists():
        raise NoAgencyKey(
            f"{public} is missing: feed:{feed_code} has refused rows, which only its agency may"
            " read; ask the agency for its public key (the delivery waits until it is here)"
        )
    return _public(public, places.agencies() / "keys" / f"{feed_code}.key")


def token_key(domain: str) -> bytes:
    """The HMAC key of one domain; the file's name does not tell the domain's name apart."""
    label = hashlib.sha256(domain.encode("utf-8")).hexdigest()[:12]
    return bytes.fromhex(secret(f"token-{label}.key"))
