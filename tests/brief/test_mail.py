"""Mail: each office its own brief, each once, whatever the server does."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from ingestion import places
from orchestration.brief import sent
from orchestration.brief.mail import Outcome, mail
from orchestration.brief.smtp import NotConfigured, server
from orchestration.cli.main import app
from tests.brief.reading import text_of
from tests.brief.server import TAKEN, Box, mailbox

AT_ONCE = (0.0, 0.0, 0.0)
CITY, DISTRICT = "city@example.invalid", "d330681@example.invalid"


@pytest.fixture(autouse=True)
def listed(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two recipients, and a sender; each test says where its server is."""
    file = tmp_path / "recipients.csv"
    file.write_text(
        "office,unit_code,briefs,address\n"
        f"市委办公室,330600,weekly,{CITY}\n中共诸暨市委政法委,330681,weekly;monthly,{DISTRICT}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("FENGQIAO_BRIEF_RECIPIENTS", str(file))
    monkeypatch.setenv("FENGQIAO_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("FENGQIAO_SMTP_TLS", "none")
    monkeypatch.setenv("FENGQIAO_SMTP_FROM", "briefs@example.invalid")


def states(outcomes: list[Outcome]) -> dict[str, str]:
    return {o.recipient.address: o.state for o in outcomes}


def send(port: int, monkeypatch: pytest.MonkeyPatch, **more: object) -> dict[str, str]:
    monkeypatch.setenv("FENGQIAO_SMTP_PORT", str(port))
    return states(mail("weekly", pauses_s=AT_ONCE, **more))  # type: ignore[arg-type]


def test_each_office_gets_the_brief_of_its_own_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailbox() as (box, port):
        assert send(port, monkeypatch) == {CITY: "sent", DISTRICT: "sent"}
    for address, unit, place in ((CITY, "330600", "全市"), (DISTRICT, "330681", "诸暨市")):
        [message] = box.to(address)
        assert message["Subject"] == f"【草稿】社会治理周报 {place} 2026年第43周"
        attached = {str(a.get_filename()): a.get_content() for a in message.iter_attachments()}
        assert set(attached) == {f"weekly-2026-W43-{unit}.pdf", f"weekly-2026-W43-{unit}.xlsx"}
        got = tmp_path / f"{unit}.pdf"
        got.write_bytes(attached[f"weekly-2026-W43-{unit}.pdf"])
        # Only the city's has the list of districts.
        assert ("各区县的灯" in text_of(got)) == (unit == "330600")


def test_a_server_that_fails_first_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as (box, port):
        box.answers = ["451 try later", "421 too busy", TAKEN]
        assert send(port, monkeypatch, unit="330600") == {CITY: "sent"}
        assert box.asked_n == 3
        assert len(box.taken) == 1


def test_nothing_is_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as (box, port):
        send(port, monkeypatch)
        assert send(port, monkeypatch) == {CITY: "already", DISTRICT: "already"}
        assert len(box.taken) == 2


def test_another_period_is_another_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as (box, port):
        send(port, monkeypatch, unit="330681")
        assert send(port, monkeypatch, unit="330681", label="2026-W42") == {DISTRICT: "sent"}
        subjects = [m["Subject"][:4] for m in box.to(DISTRICT)]
        assert subjects == ["【草稿】", "【已发布"[:4]]


def test_a_final_refusal_is_told_and_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as (box, port):
        box.answers = ["550 no such box", TAKEN]
        assert send(port, monkeypatch) == {CITY: "failed", DISTRICT: "sent"}
        assert box.asked_n == 2  # a final answer is not asked for again
        assert send(port, monkeypatch) == {CITY: "sent", DISTRICT: "already"}
        assert len(box.taken) == 2


def test_a_message_that_may_have_been_taken_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mailbox() as (box, port):
        box.answers = ["hang up", TAKEN]
        assert send(port, monkeypatch, unit="330600") == {CITY: "unknown"}
        assert send(port, monkeypatch, unit="330600") == {CITY: "unknown"}
        assert len(box.taken) == 1
    [left] = sent.folder().iterdir()
    assert '"state": "sending"' in left.read_text("utf-8")


def test_a_process_that_was_killed_while_sending_counts_as_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = sent.Key("weekly", "330600", "2026-W43", "small-city", CITY)
    assert sent.claim(key) and not sent.claim(key)
    with mailbox() as (box, port):
        assert send(port, monkeypatch, unit="330600") == {CITY: "unknown"}
        assert box.taken == []


def test_a_server_that_is_not_there_is_a_failure_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mailbox() as (_, port):
        pass
    assert send(port, monkeypatch) == {CITY: "failed", DISTRICT: "failed"}
    assert list(sent.folder().iterdir()) == []


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A self-signed certificate of 127.0.0.1, as a server's context and as a file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([here]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    place, secret = folder / "server.pem", folder / "server.key"
    place.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place, secret)
    return context, place


def test_over_tls_with_the_password_of_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    places.secrets().mkdir(parents=True, exist_ok=True)
    (places.secrets() / "smtp-password").write_text("correct\n")
    monkeypatch.setenv("FENGQIAO_SMTP_TLS", "starttls")
    monkeypatch.setenv("FENGQIAO_SMTP_USER", "briefs")

    def right(login: object) -> bool:
        return (getattr(login, "login", b""), getattr(login, "password", b"")) == (
            b"briefs",
            b"correct",
        )

    with mailbox(context, right) as (box, port):
        # A certificate that nobody vouches for is not spoken to.
        assert send(port, monkeypatch, unit="330600") == {CITY: "failed"}
        monkeypatch.setenv("FENGQIAO_SMTP_CA", str(trusted))
        assert send(port, monkeypatch, unit="330600") == {CITY: "sent"}
        (places.secrets() / "smtp-password").write_text("wrong")
        assert send(port, monkeypatch, unit="330681") == {DISTRICT: "failed"}
        assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("FENGQIAO_SMTP_TLS", "maybe", "tls, starttls, none"),
        ("FENGQIAO_SMTP_PORT", "smtp", "not a number"),
        ("FENGQIAO_SMTP_FROM", "", "FENGQIAO_SMTP_FROM is missing"),
        ("FENGQIAO_SMTP_USER", "briefs", "the password of briefs"),
        ("FENGQIAO_SMTP_HOST", "mail.example.invalid", "on this machine only"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, why: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(NotConfigured, match=why):
        server()


def test_without_a_server_the_command_says_so_and_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FENGQIAO_SMTP_HOST")
    done = CliRunner().invoke(app, ["brief", "weekly", "--mail"])
    assert done.exit_code == 3
    assert "FENGQIAO_SMTP_HOST" in done.output


def test_the_command_tells_each_office_and_fails_when_one_got_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mailbox() as (box, port):
        box.answers = [TAKEN, "550 no such box"]
        monkeypatch.setenv("FENGQIAO_SMTP_PORT", str(port))
        done = CliRunner().invoke(app, ["brief", "weekly", "--mail", "--json"])
    assert done.exit_code == 1
    assert '"state": "sent"' in done.output and "550 no such box" in done.output


def test_a_box_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of these tests keeps what it refuses out of the box."""
    with mailbox() as (box, port):
        assert isinstance(box, Box)
        box.answers = ["550 no"]
        send(port, monkeypatch)
        assert (box.asked_n, box.taken) == (2, [])
