"""Personal data: treated before the first durable write, and readable nowhere."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from ingestion import keys, places
from ingestion.contract import ContractError, load_all
from ingestion.contract.load import load_file
from ingestion.lake.logs import read_log
from simulation.identity import sentinel_names
from tests.ingestion.handover import P44_HEADER, csv_text, make_contract, put, stored, tickets
from tests.leakscan import audit

NAMES = sentinel_names()
RESIDENT = "11010519491231002X"
PHONE = "13987654321"


def p44(*changes: dict[str, str]) -> bytes:
    return csv_text(P44_HEADER, tickets(*changes)).encode("gb18030")


def test_names_numbers_and_texts_never_reach_the_disk_in_clear(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        receipt = put(
            "P44",
            "P44_20261001.csv",
            p44(
                {"来电人": NAMES[0], "来电号码": PHONE, "诉求内容": f"{NAMES[1]}证件{RESIDENT}"},
                {"来电人": NAMES[2], "来电号码": "", "事发地址": f"{NAMES[3]}家"},
                {"事项分类": "770000", "来电人": NAMES[4], "来电号码": PHONE},
                {"工单编号": RESIDENT, "事项分类": "x"},
            ),
        )
    assert (receipt.inserted_n, receipt.quarantined_n) == (2, 2)
    assert audit(home, NAMES) == []
    assert not any(v in caplog.text for v in (*NAMES[:5], RESIDENT, PHONE))
    table = stored("P44").sort("_source_row")
    assert table["has_caller_phone"].to_list() == [True, False]
    assert not {"caller_name", "caller_phone", "event_addr", "content"} & set(table.columns)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("事项分类", NAMES[5]),
        ("事项分类", f"{NAMES[5]}，某路3号"),
        ("咨询/求助/投诉/建议/举报", RESIDENT),
        ("咨询/求助/投诉/建议/举报", "１３９８７６５４３２１"),
        ("办理时限", PHONE),
        ("办理时限", "139 8765 4321"),
        ("镇街代码(统计用区划12位)", "139-8765-4321"),
        ("镇街代码(统计用区划12位)", "0575-88123456"),
        ("承办单位", "Zhang Weiming"),
    ],
)
def test_a_personal_value_that_slipped_into_another_column_shows_its_shape_only(
    home: Path, column: str, value: str
) -> None:
    put("P44", "P44_20261001.csv", p44({column: value}))
    row = read_log("quarantine").row(0, named=True)
    assert row["column_name"] == column
    assert row["value"] is None
    assert row["value_shape"]
    assert value not in row["value_shape"]


def test_a_harmless_wrong_value_is_shown_to_help(home: Path) -> None:
    put("P44", "P44_20261001.csv", p44({"事项分类": "770000"}, {"办理时限": "2026-13-45 25:61"}))
    assert read_log("quarantine").sort("source_row")["value"].to_list() == [
        "770000",
        "2026-13-45 25:61",
    ]


def test_a_column_without_a_class_is_personal(home: Path, tmp_path: Path) -> None:
    feed = make_contract(tmp_path, [{"name": "id", "pii": "none", "key": 1}, {"name": "remark"}])
    assert feed.fields[1].personal
    put(feed, "T01_20261001.csv", csv_text(["id", "remark"], [["1", NAMES[0]]]).encode())
    assert "remark" not in stored(feed).columns
    assert audit(home, NAMES) == []


def test_an_unknown_class_or_one_of_the_closed_zone_is_no_contract(tmp_path: Path) -> None:
    for label in ("HEALTH", "MINOR", "BIRTH", "none ", "public"):
        with pytest.raises(ContractError, match="class"):
            make_contract(tmp_path, [{"name": "id", "pii": label}])


@pytest.mark.parametrize("gap", ["legal_basis", "purpose", "retention", "archive_days"])
def test_without_basis_purpose_or_retention_nothing_is_ingested(tmp_path: Path, gap: str) -> None:
    with pytest.raises(ContractError, match=gap):
        make_contract(tmp_path, [{"name": "id", "pii": "none"}], without=[gap])


def test_the_contracts_of_the_city_say_what_they_are_for() -> None:
    for contract in load_all().values():
        assert contract.purpose and contract.legal_basis and contract.retention_days > 0
        assert all(f.pii for f in contract.fields)


def test_tokens_differ_by_domain_and_hide_their_value(home: Path, tmp_path: Path) -> None:
    feed = make_contract(
        tmp_path, [{"name": "id", "pii": "none", "key": 1}, {"name": "staff", "pii": "STAFF"}]
    )
    rows: list[list[str | None]] = [
        ["1", "警号0001"],
        ["2", "警号0001"],
        ["3", "警号0002"],
        ["4", None],
    ]
    put(feed, "T01_20261001.csv", csv_text(["id", "staff"], rows).encode())
    tokens = stored(feed).sort("id")["staff"].to_list()
    assert tokens[0] == tokens[1] != tokens[2]
    assert tokens[3] is None
    assert all(len(t) == 64 for t in tokens[:3])
    assert keys.token_key("甲") != keys.token_key("乙")


def test_secrets_lie_outside_the_home_and_only_their_owner_reads_them(home: Path) -> None:
    put("P44", "P44_20261001.csv", p44({}, {"事项分类": "x"}))
    files = [p for p in places.secrets().rglob("*") if p.is_file()]
    assert {p.name for p in files} >= {"archive.pub", "archive.key", "agency-P44.pub"}
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)
    assert places.home() not in places.secrets().parents


def test_the_archive_opens_with_the_private_key_only(home: Path) -> None:
    content = p44({"来电人": NAMES[0]})
    receipt = put("P44", "P44_20261001.csv", content)
    from ingestion.delivery import archive

    path = archive.path_of("P44", receipt.delivery_id, "csv")
    sealed = path.read_bytes()
    assert sealed.startswith(b"age-encryption.org/")
    assert NAMES[0].encode("gb18030") not in sealed
    assert archive.reopen(path) == content


def test_a_duplicate_policy_that_the_key_cannot_keep_is_refused(tmp_path: Path) -> None:
    make_contract(tmp_path, [{"name": "id", "key": 1, "required": True}])
    file = next(tmp_path.glob("*.odcs.yaml"))
    text = file.read_text("utf-8")
    file.write_text(text.replace("required: true", "required: false"), "utf-8")
    with pytest.raises(ContractError, match="latest needs id in every row"):
        load_file(file)
    file.write_text(text.replace("value: latest", "value: newest"), "utf-8")
    with pytest.raises(ContractError, match="latest, none or append, not 'newest'"):
        load_file(file)
