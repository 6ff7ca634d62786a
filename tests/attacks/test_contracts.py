"""A contract that somebody hands in, made to run code, to write elsewhere or to cost everything."""

from __future__ import annotations

import re
import time
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import ContractError
from ingestion.contract.load import FOLDER, load_file
from tests.attacks.limits import within
from tests.ingestion.handover import csv_text, make_contract, put, stored

BASE = (FOLDER / "p44_hotline_ticket.odcs.yaml").read_text("utf-8")


def laughs(last: str) -> str:
    """Nine levels of nine: 387 million values in half a kilobyte."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for above, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{above}'] * 9)}]")
    return "\n".join([*lines, last, ""])


def changed(pattern: str, by: str) -> str:
    text, n = re.subn(pattern, lambda _: by, BASE, count=1, flags=re.M)
    assert n == 1, "the contract looks otherwise: the attack would prove nothing"
    return text


def without(pattern: str) -> str:
    return changed(pattern, "")


POISONED = {
    "a tag that runs a command": BASE + "\nx: !!python/object/apply:os.system ['touch {out}']\n",
    "a tag that opens a file": BASE + "\nx: !!python/object/new:open ['{out}', 'w']\n",
    "billion laughs as a version": laughs("version: *i") + without(r"^version: .*\n"),
    "billion laughs unused": laughs("") + BASE,
    "an anchor that holds itself": BASE + "\nx: &x [*x]\ny: [" + "*x," * 200_000 + "]\n",
    "a code that is a path": changed(r"^id: feed:P44", "id: feed:../../../tmp/x"),
    "a code that is absolute": changed(r"^id: feed:P44", "id: feed:/tmp/x"),
    "a table that is a path": changed(r"- name: p44_hotline_ticket", "- name: ../../../x"),
    "a table that is SQL": changed(r"- name: p44_hotline_ticket", '- name: "t; attach \'x\' --"'),
    "a column that is SQL": changed(r"- name: ticket_id", "- name: \"a'); attach 'x'; --\""),
    "a column that is a template": changed(r"- name: ticket_id", "- name: \"{{ env_var('X') }}\""),
}  # fmt: skip


@pytest.mark.parametrize("name", POISONED)
def test_a_poisoned_contract_is_refused_at_once_and_does_nothing(tmp_path: Path, name: str) -> None:
    out, file = tmp_path / "ran", tmp_path / "p44.odcs.yaml"
    file.write_text(POISONED[name].replace("{out}", str(out)), "utf-8")
    begun = time.monotonic()
    with within(30), pytest.raises(ContractError):
        load_file(file)
    assert time.monotonic() - begun < 5
    assert not out.exists()


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^([a-z]+)*\\d$", "(x+x+)+y"])
def test_a_pattern_made_to_run_for_ever_ends_at_once(
    home: Path, tmp_path: Path, pattern: str
) -> None:
    """Each takes Python's engine longer than anybody waits; the one used here is linear."""
    rule = {"name": "shape", "engine": "conformance", "description": "形状",
            "implementation": f"regexp_like(words, '{pattern}')"}  # fmt: skip
    contract = make_contract(tmp_path, [{"name": "words", "pii": "none"}])
    text = contract_text(tmp_path, rule)
    (tmp_path / "t01_test.odcs.yaml").write_text(text, "utf-8")
    contract = load_file(tmp_path / "t01_test.odcs.yaml")
    cells = ["a" * 190 + "!", "x" * 190 + "!"] * 500
    content = csv_text(["words"], [[c] for c in cells]).encode()
    with within(20):
        receipt = put(contract, "T01_20261001.csv", content)
    assert (receipt.status, receipt.quarantined_n) == ("2", 1000)


def contract_text(folder: Path, rule: dict[str, str]) -> str:
    import yaml

    document = yaml.safe_load((folder / "t01_test.odcs.yaml").read_text("utf-8"))
    document["schema"][0]["quality"] = [rule]
    return str(yaml.safe_dump(document, allow_unicode=True))


@pytest.mark.parametrize(
    "expression",
    [
        "(select max(content) from read_text('/etc/passwd')) is null",
        "words in (select * from '/etc/passwd')",
        "read_csv('/etc/passwd') is null",
        "true; create table x as select 1",
    ],
)
def test_a_rule_over_a_row_reads_no_file_and_names_no_table(
    home: Path, tmp_path: Path, expression: str
) -> None:
    make_contract(tmp_path, [{"name": "words", "pii": "none"}])
    rule = {"name": "steal", "engine": "conformance", "description": "偷",
            "implementation": expression}  # fmt: skip
    (tmp_path / "t01_test.odcs.yaml").write_text(contract_text(tmp_path, rule), "utf-8")
    contract = load_file(tmp_path / "t01_test.odcs.yaml")
    with pytest.raises(pl.exceptions.PolarsError):
        put(contract, "T01_20261001.csv", csv_text(["words"], [["a"]]).encode())
    assert stored(contract).height == 0
