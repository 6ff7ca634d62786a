"""A feed that drifts from its contract is refused, classified, and met with a proposed patch."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion import places
from ingestion.connectors import inbox
from ingestion.contract import Contract
from ingestion.contract.load import load_file
from ingestion.delivery import Receipt, reading, refusals
from ingestion.draft import draft, patch
from ingestion.draft.drift import Change
from ingestion.lake.logs import read_log
from tests.ingestion.handover import csv_text, make_contract, put, receipt_json, stored
from tests.ingestion.test_personal_content import resident

HEADER = ["编号", "受理时间", "金额", "类型", "区县", "来电号码"]
COLUMNS: list[dict[str, Any]] = [
    {"name": "ticket_id", "source": "编号", "pii": "none", "key": 1, "required": True},
    {
        "name": "accept_time",
        "source": "受理时间",
        "type": "timestamp",
        "physical": "timestamp",
        "pii": "none",
        "required": True,
        "date_forms": ["iso"],
    },
    {
        "name": "amount",
        "source": "金额",
        "type": "number",
        "physical": "decimal(18,2)",
        "pii": "none",
        "unit": "元",
    },
    {"name": "risk", "source": "类型", "pii": "none", "code_table": "RISK_LEVEL"},
    {"name": "region_code", "source": "区县", "pii": "none", "code_table": "GB/T 2260"},
    {"name": "caller_phone", "source": "来电号码", "pii": "PHONE"},
]
RESIDENT = resident("330602", date(1990, 3, 7), 12)


def rows(count: int = 20, **changes: str) -> list[list[str]]:
    plain = {
        "受理时间": "2026-10-01 08:30:00",
        "金额": "12.50",
        "类型": "H",
        "区县": "330602",
        "来电号码": "13912345678",
    }
    made = {**plain, **changes}
    return [[f"A{i}", *[made[h] for h in HEADER[1:]]] for i in range(count)]


@pytest.fixture
def contracts(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of contracts with T01 in it, which is the city's while the test runs."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    contract = make_contract(folder, COLUMNS)
    path = folder / "t01_test.odcs.yaml"
    path.write_text(f"# A comment that stays\n{path.read_text('utf-8')}", "utf-8")
    monkeypatch.setattr(patch, "FOLDER", folder)
    assert contract.code == "T01"
    return path


def send(path: Path, header: list[str], body: list[list[str]], day: int = 1) -> Receipt:
    return put(load_file(path), f"T01_202610{day:02d}.csv", csv_text(header, body).encode())


def drift_of(path: Path, header: list[str], body: list[list[str]]) -> tuple[Change, ...]:
    contract = load_file(path)
    file = places.home() / "T01_20261001.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(csv_text(header, body), "utf-8")
    try:
        return reading.read(inbox.receive(contract, file)).changes
    except reading.Refused as refusal:
        return refusal.changes


def apply_patch(path: Path, receipt: Receipt) -> Contract:
    """What an engineer does: `git apply` of the proposal, then the contract is read again."""
    proposed = refusals.patch_path("T01", receipt.delivery_id)
    whole = path.parents[1] / "ingestion" / "contracts" / path.name
    whole.parent.mkdir(parents=True, exist_ok=True)
    whole.write_text(path.read_text("utf-8"), "utf-8")
    done = subprocess.run(
        ["git", "apply", "--include=ingestion/*", str(proposed)],
        cwd=path.parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    path.write_text(whole.read_text("utf-8"), "utf-8")
    assert path.read_text("utf-8").startswith("# A comment that stays\n")
    return load_file(path)


def test_an_added_column_is_proposed_without_a_class(contracts: Path, home: Path) -> None:
    body = [[*row, RESIDENT] for row in rows()]
    receipt = send(contracts, [*HEADER, "经办身份"], body)
    assert receipt.status == "4"
    assert "变化：新增列 经办身份（疑含个人信息 ID）" in str(receipt.refusal)
    assert "新增列 经办身份" in receipt_json(receipt)["findings"][0]["reason_zh"]
    proposed = refusals.patch_path("T01", receipt.delivery_id).read_text("utf-8")
    assert RESIDENT not in proposed and "13912345678" not in proposed
    contract = apply_patch(contracts, receipt)
    added = contract.fields[-1]
    assert (added.source, added.pii, added.required) == ("经办身份", "PERSONAL", False)
    # The same file: what the old contract refused is a delivery once more, and the column drops.
    again = send(contracts, [*HEADER, "经办身份"], body)
    assert (again.inserted_n, again.refusal) == (20, None)
    assert added.name not in stored(contract).columns


def test_a_renamed_column_is_proposed_as_an_alias(contracts: Path) -> None:
    header = ["编号", "受理日期时间", "金额(万元)", "类型", "区县", "联系号码"]
    receipt = send(contracts, header, rows())
    said = str(receipt.refusal)
    for words in (
        "列改名 受理日期时间（疑为 受理时间）",
        "列改名 金额(万元)（疑为 金额，单位 万元）",
        "列改名 联系号码（疑为 来电号码）",
    ):
        assert words in said
    contract = apply_patch(contracts, receipt)
    again = send(contracts, header, rows())
    assert again.inserted_n == 20
    assert [str(v) for v in stored(contract)["amount"].unique()] == ["125000.00"]


def test_a_renamed_key_of_a_record_is_proposed_and_then_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = make_contract(tmp_path, COLUMNS, form="json", file_pattern="T01_{period}.json")
    monkeypatch.setattr(patch, "FOLDER", tmp_path)
    header = ["编号", "受理日期时间", *HEADER[2:]]
    lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows()]
    content = "\n".join(lines).encode()
    refused = put(contract, "T01_20261001.json", content)
    assert "列改名 受理日期时间（疑为 受理时间）" in str(refused.refusal)
    path = tmp_path / contract.path
    assert contract.fields[1].aliases == ()
    path.write_text(patch.mended(path.read_text("utf-8"), changes_of(contract, content)), "utf-8")
    assert put(load_file(path), "T01_20261001.json", content).inserted_n == 20


def changes_of(contract: Contract, content: bytes) -> tuple[Change, ...]:
    received = inbox.receive(contract, Path("T01_20261001.json"))
    with pytest.raises(reading.Refused) as refused:
        reading.read(replace(received, open=lambda: io.BytesIO(content)))
    return refused.value.changes


def test_a_second_rename_goes_into_the_list_of_aliases(contracts: Path) -> None:
    for number, name in enumerate(("受理的时间", "受理登记时间"), 1):
        header = ["编号", name, *HEADER[2:]]
        receipt = send(contracts, header, rows(), day=number)
        contract = apply_patch(contracts, receipt)
        assert send(contracts, header, rows(), day=number).refusal is None
    assert [a.source for a in contract.fields[1].aliases] == ["受理的时间", "受理登记时间"]


def test_a_removed_column_is_named_and_nothing_is_proposed(contracts: Path) -> None:
    at = HEADER.index("金额")
    receipt = send(
        contracts, HEADER[:at] + HEADER[at + 1 :], [r[:at] + r[at + 1 :] for r in rows()]
    )
    assert "缺列 金额（请报送该列，可留空）" in str(receipt.refusal)
    assert not refusals.patch_path("T01", receipt.delivery_id).exists()


def test_another_date_form_is_retyped_and_proposed(contracts: Path) -> None:
    body = rows(受理时间="2026/10/1 8:30")
    receipt = send(contracts, HEADER, body)
    assert (receipt.quarantined_n, receipt.refusal) == (20, None)
    found = receipt_json(receipt)["findings"]
    assert found[0]["reason_zh"].endswith("变化：类型或格式变更 受理时间（日期格式疑为 slash）")
    assert "slash" in read_log("quarantine")["reason_zh"][0]
    contract = apply_patch(contracts, receipt)
    assert contract.fields[1].date_forms == ("iso", "slash")
    file = places.home() / "T01_20261001.csv"
    file.write_text(csv_text(HEADER, body), "utf-8")
    assert reading.read(inbox.receive(contract, file)).quarantined == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"金额": "一百"}, "疑为 string"),
        ({"金额": "12.5万元"}, "数值后带单位 万元"),
        ({"受理时间": "20261001083000"}, "日期格式疑为 compact"),
    ],
)
def test_what_a_retyped_column_reads_as_is_said(
    contracts: Path, changes: dict[str, str], words: str
) -> None:
    found = drift_of(contracts, HEADER, rows(**changes))
    assert [c.kind for c in found] == ["retyped"]
    assert words in found[0].said


def test_values_outside_the_code_table_are_proposed_as_codes(contracts: Path) -> None:
    body = [[*r[:3], "VX"[i % 2], *r[4:]] for i, r in enumerate(rows())]
    receipt = send(contracts, HEADER, body)
    assert receipt.quarantined_n == 20
    assert "代码表 RISK_LEVEL 之外的值：V、X" in receipt_json(receipt)["findings"][0]["reason_zh"]
    proposed = refusals.patch_path("T01", receipt.delivery_id).read_text("utf-8")
    assert "+RISK_LEVEL,V,TODO,,TODO,enum,,,\n+RISK_LEVEL,X,TODO,,TODO,enum,,,\n" in proposed


def test_a_value_of_a_person_is_never_a_proposed_code(contracts: Path) -> None:
    for value in (RESIDENT, "13912345678", "赵某甲"):
        found = drift_of(contracts, HEADER, rows(类型=value))
        assert value not in "".join(c.words for c in found)
        assert value not in patch.propose(load_file(contracts), found)


def test_few_people_are_no_code_set(contracts: Path, tmp_path: Path) -> None:
    people = ["张三", "李四", "王小二"]
    body = [[*row, people[i % 3]] for i, row in enumerate(rows(60))]
    found = drift_of(contracts, [*HEADER, "值班"], body)
    proposed = patch.propose(load_file(contracts), found)
    assert "值班" in proposed
    file = tmp_path / "值班_202610.csv"
    file.write_text(csv_text([*HEADER, "值班"], body), "utf-8")
    for name in people:
        assert name not in proposed
        assert name not in draft(file)


def test_half_of_the_rows_is_no_drift(contracts: Path) -> None:
    body = [*rows(10), *rows(10, 金额="?")]
    body = [[f"B{i}", *r[1:]] for i, r in enumerate(body)]
    assert drift_of(contracts, HEADER, body) == ()
    assert drift_of(contracts, HEADER, rows(5, 金额="?")) == ()


def test_a_header_that_may_be_data_is_never_written_down(contracts: Path) -> None:
    receipt = send(contracts, [*HEADER, "13912345678"], [[*r, "x"] for r in rows()])
    assert "13912345678" not in str(receipt.refusal)
    written = refusals.patch_path("T01", receipt.delivery_id)
    assert not written.exists() or "13912345678" not in written.read_text("utf-8")


@pytest.mark.parametrize("flow", [False, True])
def test_a_patch_edits_either_style_of_yaml(contracts: Path, flow: bool) -> None:
    import yaml

    document = yaml.safe_load(contracts.read_text("utf-8"))
    text = yaml.safe_dump(document, allow_unicode=True, default_flow_style=flow, width=10_000)
    header = ["编号", "受理日期时间", *HEADER[2:], "甲"]
    changes = drift_of(contracts, header, [[*row, "1"] for row in rows()])
    assert {c.kind for c in changes} == {"renamed", "added"}
    contracts.write_text(patch.mended(text, changes), "utf-8")
    contract = load_file(contracts)
    assert contract.fields[1].aliases[0].source == "受理日期时间"
    assert contract.fields[-1].source == "甲"
    assert contract.version == "1.1.0"


def test_a_contract_edited_between_two_takes_needs_no_restart(contracts: Path) -> None:
    header = ["编号", "收件时间", *HEADER[2:]]
    refused = send(contracts, header, rows())
    assert refused.status == "4"
    text = contracts.read_text("utf-8")
    first = text.index("- property: date_forms")
    margin = text[text.rindex("\n", 0, first) + 1 : first]
    alias = f"{margin}- {{property: aliases, value: [{{name: 收件时间}}]}}\n"
    at = first - len(margin)
    # A raised version says that what the old contract refused may come again.
    text = text[:at] + alias + text[at:].replace("version: 1.0.0", "version: 1.1.0")
    contracts.write_text(text, "utf-8")
    taken = send(contracts, header, rows())
    assert (taken.inserted_n, taken.refusal) == (20, None)


def test_check_shows_drift_and_patch_and_writes_nothing(contracts: Path, tmp_path: Path) -> None:
    from orchestration.run.rehearse import rehearse

    file = tmp_path / "T01_20261001.csv"
    file.write_text(csv_text([*HEADER, "备注"], [[*r, "好"] for r in rows()]), "utf-8")
    found = rehearse(inbox.receive(load_file(contracts), file), contracts)
    assert [d["drift"] for d in found.drift] == ["added"]
    assert "+" in found.patch and "备注" in found.patch
    assert not places.home().exists() or not list(places.home().rglob("*"))


def test_show_compares_a_day_with_the_same_weekday(contracts: Path) -> None:
    from orchestration.run.history import history

    for day, count in ((1, 20), (8, 40), (9, 500), (15, 60)):  # three Thursdays and a Friday
        body = [[f"D{day}-{i}", *row[1:]] for i, row in enumerate(rows(count))]
        send(contracts, HEADER, [*body[:-1], ["", *body[-1][1:]]], day=day)
    found = history(load_file(contracts), last=2)
    assert found.state["volume"] == {
        "day": date(2026, 10, 15),
        "rows": 60,
        "same weekday": 30.0,
        "weeks": 2,
        "share": "200%",
    }
    assert [d["refused by rule"] for d in found.deliveries] == ["required 1"] * 2
    due = found.state["next due"]
    assert (due["from"], due["to"]) == (date(2026, 10, 31), date(2026, 10, 31))
    assert found.state["location"] == "inbox/T01/"
    assert found.state["last refusal"] is None
