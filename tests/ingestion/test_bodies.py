"""The body of an answer as agencies write it: rows are archived as they came, and one bad one costs
only itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion import clock
from ingestion.connectors import api, body, paging
from ingestion.contract import Contract
from ingestion.contract.calendar import ended_periods
from ingestion.delivery import Receipt, deliver
from ingestion.lake.logs import read_log
from tests.ingestion.handover import balance, stored, tricky_api
from tests.loopback import serving

AS_OF = datetime(2026, 1, 2, 9, tzinfo=clock.LOCAL)
ROWS = [{"id": "甲1", "n": 1}, {"id": "乙2", "n": 2}]
Written = Callable[[int, int], bytes]


@pytest.fixture
def feed(home: Path, tmp_path: Path) -> Contract:
    return tricky_api(tmp_path)


def speaking(written: Written) -> Starlette:
    """A source that answers `written(call, page)`."""
    calls: list[int] = []

    async def login(_: Request) -> Response:
        return JSONResponse({"access_token": "t"})

    async def rows(request: Request) -> Response:
        calls.append(1)
        content = written(len(calls), int(request.query_params["page"]))
        return Response(content, media_type="application/json")

    return Starlette(routes=[Route("/token", login, methods=["POST"]), Route("/rows", rows)])


def read(contract: Contract, written: Written, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The lines of one period."""
    with serving(speaking(written)) as url:
        monkeypatch.setenv("TRICK_API", url)
        with api.Client(contract) as client:
            return client.read(ended_periods(contract, AS_OF)[0])


def taken(contract: Contract, written: Written, monkeypatch: pytest.MonkeyPatch) -> Receipt:
    """One delivery of that source."""
    with serving(speaking(written)) as url, clock.at(AS_OF):
        monkeypatch.setenv("TRICK_API", url)
        (receipt,) = [deliver(r) for r in api.pending(contract, AS_OF)]
    return receipt


def page(rows: str, total: int = 2) -> str:
    return f'{{"data":{{"total":{total},"rows":[{rows}]}}}}'


def plain(text: str) -> Written:
    return lambda _call, _page: text.encode()


WRITTEN = {
    "in one line": json.dumps({"data": {"total": 2, "rows": ROWS}}).encode(),
    "laid out for people": json.dumps({"data": {"total": 2, "rows": ROWS}}, indent=2).encode(),
    "with carriage returns": json.dumps({"data": {"total": 2, "rows": ROWS}}, indent=2)
    .replace("\n", "\r\n")
    .encode(),
    "with a byte-order mark": json.dumps({"data": {"total": 2, "rows": ROWS}}).encode("utf-8-sig"),
    "in UTF-16": json.dumps({"data": {"total": 2, "rows": ROWS}}).encode("utf-16"),
    "with a total in quotes": json.dumps({"data": {"total": "2", "rows": ROWS}}).encode(),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_body_is_read_however_it_is_laid_out(
    feed: Contract, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    receipt = taken(feed, lambda _call, _page: WRITTEN[way], monkeypatch)
    assert (receipt.rows_n, receipt.inserted_n, balance(receipt)) == (2, 2, 2)
    assert sorted(stored(feed)["id"].to_list()) == ["乙2", "甲1"]


def test_a_number_is_archived_with_the_digits_it_came_with(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = '{"id": "a", "n": 1200.50}', '{"id": "b", "n": 123456789012345678901234567890.10}'
    lines = read(feed, plain(page(",".join(came))), monkeypatch).decode().splitlines()
    assert lines == list(came)


def test_bytes_that_are_no_text_cost_their_record(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = page('{"id":"a?","n":1},{"id":"b","n":2}').encode().replace(b"?", b"\xff")
    receipt = taken(feed, lambda _call, _page: content, monkeypatch)
    assert (receipt.rows_n, receipt.inserted_n, receipt.quarantined_n) == (2, 1, 1)
    refused = read_log("quarantine").row(0, named=True)
    assert (refused["column_name"], refused["rule"]) == ("id", "encoding")


def test_half_a_character_costs_its_record(feed: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page('{"id":"a\\ud800","n":1},{"id":"b","n":2}')
    receipt = taken(feed, plain(text), monkeypatch)
    assert (receipt.rows_n, receipt.inserted_n, receipt.quarantined_n) == (2, 1, 1)


def numbered(first: int, last: int, turned: bool) -> str:
    rows = [{"id": f"r{i:02d}", "n": i} for i in range(first, last)]
    return ",".join(json.dumps(dict(reversed(r.items())) if turned else r) for r in rows)


def test_two_reads_agree_in_whatever_order_a_record_names_its_values(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(call: int, number: int) -> bytes:
        rows = numbered(10 * number - 10, 10 * number, call % 2 == 0) if number <= 2 else ""
        return page(rows, 20).encode()

    assert len(read(feed, written, monkeypatch).splitlines()) == 20


def test_a_row_that_came_twice_is_seen_in_whatever_order_it_names_its_values(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(_call: int, number: int) -> bytes:  # r09 ends page 1 and page 2, r19 never comes
        last = f"{numbered(10, 19, turned=False)},{numbered(9, 10, turned=True)}"
        return page([numbered(0, 10, turned=False), last, ""][number - 1], 20).encode()

    with pytest.raises(api.SourceUnavailable, match="never made one whole"):
        read(feed, written, monkeypatch)


def test_rows_that_differ_in_the_last_digit_are_two() -> None:
    number = "1234567890123456789012"
    for form in ("{}0.5", "1.{}0", "{}0", "1e{}"):
        one, other = (
            b'{"n":' + form.format(n).encode() + b"}" for n in (number, number[:-1] + "3")
        )
        assert body.canonical(one) != body.canonical(other)
        assert paging.repeats([one, other, one]) and not paging.repeats([one, other])
        assert paging.same([one, other], [one, other]) and not paging.same([one], [other])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 0, 2]), st.booleans())
def test_rows_are_what_the_json_module_reads(
    rows: list[object], indent: int | None, ascii_only: bool
) -> None:
    said = {"a": {"rows": rows, "total": len(rows)}, "b": "rows"}
    text = json.dumps(said, indent=indent, ensure_ascii=ascii_only)
    found = body.parsed(text.encode("utf-8", "surrogatepass"))
    lines = body.rows_under(found, "a.rows")
    assert [json.loads(line) for line in lines] == rows
    assert not any(b"\n" in line for line in lines)
    assert body.value(body.dig(found, "a.total")) == len(rows)
    for path in ("a.none", "b.rows", "a.rows.x"):
        with pytest.raises(body.OtherShape):
            body.dig(found, path)
