"""A number of the past, asked at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.orchestration.conftest import command_in

COUNT = "select count(*) as n, any_value(release_id) as release from fct_indicator"


def test_a_release_is_listed_and_can_be_asked(computed: Path) -> None:
    run = command_in(computed)
    listed = json.loads(run("releases", "--json").stdout)
    assert len(listed) >= 1 and listed[-1]["rows changed"] > 0
    name = listed[-1]["release"]
    now = json.loads(run("sql", COUNT, "--json").stdout)
    then = json.loads(run("sql", COUNT, "--release", name, "--json").stdout)
    assert then[0]["n"] > 0 and then[0]["release"] == name
    if len(listed) == 1:
        assert then == now
    day = run("sql", COUNT, "--as-of", "2026-10-31", "--json")
    assert json.loads(day.stdout)[0]["release"] == listed[0]["release"]


def test_a_release_that_nobody_knows_is_named_with_the_newest(computed: Path) -> None:
    run = command_in(computed)
    newest = json.loads(run("releases", "--json").stdout)[0]["release"]
    wrong = run("sql", COUNT, "--release", "yesterday")
    assert wrong.returncode == 2
    assert "there is no release yesterday" in wrong.stderr and newest in wrong.stderr
    early = run("sql", COUNT, "--as-of", "2020-01-01")
    assert early.returncode == 2 and "nothing was published by 2020-01-01" in early.stderr
    both = run("sql", COUNT, "--as-of", "2026-10-31", "--release", newest)
    assert both.returncode == 2 and "not both" in both.stderr
    no_day = run("sql", COUNT, "--as-of", "31.10.2026")
    assert no_day.returncode == 2


def test_the_past_opens_no_file_of_the_machine(computed: Path) -> None:
    run = command_in(computed)
    opened = run("sql", "select * from read_text('/etc/passwd')", "--as-of", "2026-10-31")
    assert opened.returncode == 2 and "root:" not in opened.stdout
    first = run("sql", "select count(*) as n from first_published", "--json")
    assert json.loads(first.stdout)[0]["n"] > 0
