"""Units, other headers, check characters, and the party who may be a person or a firm."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from ingestion.conform.checksum import holds
from ingestion.conform.units import factor
from ingestion.contract import Contract, ContractError
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path
from simulation.identity import resident_ids
from tests.ingestion.handover import csv_text, make_contract, put, stored

MONEY = {
    "name": "amount", "pii": "none", "type": "number", "physical": "decimal(18,2)", "unit": "元",
    "source": "涉案金额", "aliases": [{"name": "涉案金额(万元)", "unit": "万元"}],
}  # fmt: skip
AREA = {
    "name": "area", "pii": "none", "type": "number", "physical": "double", "unit": "平方米",
    "source_unit": "亩",
}  # fmt: skip
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture
def money(home: Path, tmp_path: Path) -> Contract:
    return make_contract(tmp_path, [MONEY, AREA])


def test_ten_thousands_become_yuan_exactly(money: Contract) -> None:
    cells = [["12.345678", "3"], ["0.000001", "15"], ["1234567.89", ""]]
    receipt = put(money, "T01_20261001.csv", csv_text(["涉案金额(万元)", "area"], cells).encode())
    assert receipt.quarantined_n == 0
    rows = stored(money).sort("_source_row")
    amounts = [Decimal("123456.78"), Decimal("0.01"), Decimal("12345678900.00")]
    assert rows["amount"].to_list() == amounts
    assert rows["area"].to_list()[:2] == pytest.approx([2000.0, 10_000.0])


def test_a_share_of_a_cent_is_refused_not_rounded(money: Contract) -> None:
    cells = [["1.2345678", ""], ["1.234500000", ""]]
    receipt = put(money, "T01_20261001.csv", csv_text(["涉案金额(万元)", "area"], cells).encode())
    assert receipt.quarantined_n == 1
    finding = read_log("quarantine").row(0, named=True)
    assert (finding["column_name"], finding["rule"]) == ("涉案金额(万元)", "type")


def test_the_declared_header_keeps_its_own_unit(money: Contract) -> None:
    put(money, "T01_20261001.csv", csv_text(["涉案金额", "area"], [["5.00", "1"]]).encode())
    assert stored(money)["amount"].to_list() == [Decimal("5.00")]


def test_both_headers_at_once_are_one_too_many(money: Contract) -> None:
    header = ["涉案金额", "涉案金额(万元)", "area"]
    receipt = put(money, "T01_20261001.csv", csv_text(header, [["5", "5", "1"]]).encode())
    assert receipt.refusal and "涉案金额(万元)" in receipt.refusal


def test_unrelated_units_are_an_error() -> None:
    assert factor("公顷", "平方米") == Fraction(10_000)
    with pytest.raises(ValueError, match="cannot be converted"):
        factor("亩", "元")
    with pytest.raises(ValueError, match="not known"):
        factor("斗", "元")


@given(st.text(alphabet=ALPHABET, min_size=17, max_size=17), st.sampled_from(ALPHABET))
def test_credit_codes_hold_as_an_outside_library_says(body: str, last: str) -> None:
    right = uscc.calc_check_digit(body)
    found = holds(pl.Series([body + right, body + last]), "GB 32100").to_list()
    assert found == [True, last == right]


def test_identity_numbers_hold_by_mod_11_2() -> None:
    numbers = resident_ids(np.random.default_rng(1), 500)
    assert holds(numbers, "GB 11643").all()
    changed = numbers.str.head(17) + pl.Series(["0" if n[-1] != "0" else "1" for n in numbers])
    assert not holds(changed, "GB 11643").any()
    assert holds(pl.Series(["", None, "12"]), "GB 11643").to_list() == [False, None, False]


def test_a_wrong_check_character_is_quarantined(home: Path, tmp_path: Path) -> None:
    code = {"name": "uscc", "pii": "none", "checksum": "GB 32100", "code_table": "GB 32100"}
    contract = make_contract(tmp_path, [code])
    good = "9133060" + "0MA2BXXXX1"
    good += uscc.calc_check_digit(good)
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    put(contract, "T01_20261001.csv", csv_text(["uscc"], [[good], [bad]]).encode())
    assert stored(contract)["uscc"].to_list() == [good]
    assert read_log("quarantine")["rule"].to_list() == ["checksum"]


def test_a_firm_stays_clear_and_a_person_becomes_a_token(home: Path, tmp_path: Path) -> None:
    party = {"name": "party_id", "pii": "IDT", "code_table": "GB 11643/GB 32100"}
    contract = make_contract(tmp_path, [party])
    firm = "9133060" + "0MA2BXXXX1"
    firm += uscc.calc_check_digit(firm)
    person = resident_ids(np.random.default_rng(2), 1)[0]
    # an all-digit credit code that passes the identity check too is treated as a person's
    both = _digits_that_pass_both()
    cells = [[firm], [person], [person.lower()], [both], ["12345678901234567X"]]
    put(contract, "T01_20261001.csv", csv_text(["party_id"], cells).encode())
    landed = stored(contract).sort("_source_row")["party_id"].to_list()
    assert landed[0] == firm
    assert person not in landed and both not in landed
    assert all(len(token) == 64 for token in landed[1:])


def _digits_that_pass_both() -> str:
    rng = np.random.default_rng(3)
    while True:
        body = "".join(map(str, rng.integers(0, 10, 17)))
        last = uscc.calc_check_digit(body)
        if holds(pl.Series([body + last]), "GB 11643")[0]:
            return body + last


def test_a_zoned_feed_lies_in_its_zone_and_is_tokenised_again(home: Path, tmp_path: Path) -> None:
    token = {
        "name": "patient", "pii": "HEALTH", "key": 1, "required": True, "token": True,
    }  # fmt: skip
    contract = make_contract(tmp_path, [token], own={"zone": "health"})
    put(contract, "T01_20261001.csv", csv_text(["patient"], [["a" * 64]]).encode())
    assert stored(contract)["patient"].to_list() != ["a" * 64]
    assert feed_path(contract) == home / "lake-l4" / "health" / "conformed" / "t01_test"
    assert not (home / "lake" / "conformed").exists()


def test_health_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="needs an L4 zone"):
        make_contract(tmp_path, [{"name": "visit", "pii": "HEALTH"}])


def test_a_rule_of_a_row_reads_local_time(home: Path, tmp_path: Path) -> None:
    from ingestion.conform.rows import conform
    from ingestion.contract import RowRule
    from ingestion.receive.text import SOURCE_ROW

    moment = {"name": "at", "pii": "none", "type": "timestamp"}
    day = {"name": "day", "pii": "none", "type": "date"}
    contract = make_contract(tmp_path, [moment, day])
    rule = RowRule("day_of_moment", "cast(at as date) = day", "warning", "同一天")
    text = pl.DataFrame(
        {"at": ["2026-10-01 00:30:00", "2026-10-01 23:30:00"], "day": ["2026-10-01"] * 2}
    ).with_row_index(SOURCE_ROW, offset=1)
    done = conform(replace(contract, row_rules=(rule,)), text)
    assert done.findings.is_empty()
    assert str(done.rows["at"].dtype) == "Datetime(time_unit='us', time_zone='UTC')"
