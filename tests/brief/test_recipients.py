"""The list of recipients: declared, of offices, and wrong lines are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.server.roles import districts
from orchestration.brief.recipients import BadRecipients, recipients

HEAD = "office,unit_code,briefs,address\n"


def test_the_shipped_list_reaches_every_district_and_no_person() -> None:
    found = recipients()
    assert {r.unit for r in found} == {"330600", *districts()}
    # Addresses of offices under a name that nobody can own (RFC 2606).
    assert all(r.address.endswith("@example.invalid") for r in found)
    assert all(r.office.startswith("中共") for r in found)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("办公室,330682,weekly,a@b.invalid\n", "line 2: 330682"),
        ("办公室,330600,daily,a@b.invalid\n", "line 2: daily is no brief"),
        ("办公室,330600,weekly,\n", "line 2: a cell is empty"),
        ('办公室,330600,weekly,"a@b.invalid,c@d.invalid"\n', "is not one address"),
        ('办公室,330600,weekly,"a@b.invalid\nBcc: c@d.invalid"\n', "is not one address"),
        ("甲,330600,weekly,a@b.invalid\n乙,330600,monthly,a@b.invalid\n", "stands twice"),
        ("", "the columns must be"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: str, why: str) -> None:
    file = tmp_path / "recipients.csv"
    file.write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(BadRecipients, match=why):
        recipients(file)


def test_a_list_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_BRIEF_RECIPIENTS", str(tmp_path / "none.csv"))
    with pytest.raises(BadRecipients, match="no such file"):
        recipients()
