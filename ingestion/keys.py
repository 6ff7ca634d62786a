"""Keys, generated on first use into `FENGQIAO_SECRETS`, 0600, never printed.

- `archive.pub` encrypts what is received; `archive.key` opens it again. In production the
  private key lies on another machine; the demonstration keeps both and says so (`doctor`).
- `spool.key` guards what was pulled until it has its receipt (`delivery/spool.py`).
- `token-<domain>.key` makes tokens of one domain; no key serves two (DP-05).
- `agency-<feed>.pub` encrypts refused rows to the agency; its private half is the agency's.
"""

from __future__ import annotations

import hashlib
import os
import secrets as random
from pathlib import Path

import pyrage

from ingestion import places

TOKEN_BYTES = 32


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
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text()


def secret(name: str) -> str:
    """A random secret of that name (hex), made on first use."""
    path = places.secrets() / name
    return path.read_text() if path.exists() else write_once(path, random.token_hex(TOKEN_BYTES))


def _public(public: Path, private: Path) -> pyrage.x25519.Recipient:
    if not public.exists():
        identity = pyrage.x25519.Identity.generate()
        kept = write_once(private, str(identity))
        pair = pyrage.x25519.Identity.from_str(kept)
        write_once(public, str(pair.to_public()))
    return pyrage.x25519.Recipient.from_str(public.read_text().strip())


def archive_recipient() -> pyrage.x25519.Recipient:
    """The public key to which everything received is encrypted."""
    return _public(places.secrets() / "archive.pub", archive_key_path())


def archive_key_path() -> Path:
    """Where the archive's private key lies, if it lies on this machine at all."""
    return places.secrets() / "archive.key"


def archive_identity(path: Path | None = None) -> pyrage.x25519.Identity:
    """The archive's private key, for replay; asked for by path in production."""
    return pyrage.x25519.Identity.from_str((path or archive_key_path()).read_text().strip())


def spool_identity() -> pyrage.x25519.Identity:
    """The pair to which a pull is encrypted until its receipt; it stays with the pipeline."""
    path = places.secrets() / "spool.key"
    if not path.exists():
        write_once(path, str(pyrage.x25519.Identity.generate()))
    return pyrage.x25519.Identity.from_str(path.read_text().strip())


class Unsafe(RuntimeError):
    """Production keys lie where they must not."""


def guard_production() -> None:
    """Refuse to run in production with the archive's private key readable here (decision 15)."""
    if os.environ.get("FENGQIAO_ENVIRONMENT") != "production":
        return
    if archive_key_path().exists():
        raise Unsafe(f"{archive_key_path()}: keep the archive's private key on another machine")
    if not (places.secrets() / "archive.pub").exists():
        raise Unsafe("archive.pub is missing: make the pair elsewhere and bring its public half")


def agency_recipient(feed_code: str) -> pyrage.x25519.Recipient:
    """The agency's public key; in the demonstration the simulated agency's pair is made here."""
    private = places.agencies() / "keys" / f"{feed_code}.key"
    return _public(places.secrets() / f"agency-{feed_code}.pub", private)


def token_key(domain: str) -> bytes:
    """The HMAC key of one domain; the file's name does not tell the domain's name apart."""
    label = hashlib.sha256(domain.encode("utf-8")).hexdigest()[:12]
    return bytes.fromhex(secret(f"token-{label}.key"))
