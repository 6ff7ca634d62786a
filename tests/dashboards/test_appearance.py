"""A page that lost its look is noticed: an upgrade of Superset cannot break it silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboards.compiler.appearance import appearance_problems
from dashboards.compiler.browser import open_page
from dashboards.compiler.specification import PAGES, Page, load_page

Look = Callable[..., list[str]]
TILES = ".chart-slice[data-test-chart-name='cockpit-tiles']"
STRIP = ".chart-slice[data-test-chart-name='cockpit-status']"
MAP = ".chart-slice[data-test-chart-name^='红黄绿灯地图']"
TABLE = ".chart-slice[data-test-chart-name='指标一览']"


@pytest.fixture(scope="module")
def cockpit(leader: Any) -> Iterator[tuple[Any, Page]]:
    """The cockpit, opened once: whoever spoils it makes it whole again."""
    page = load_page(PAGES / "1-cockpit.yaml")
    view = open_page(leader, page.id, 1366)
    yield view.page, page
    view.page.close()


@pytest.fixture
def look(cockpit: tuple[Any, Page]) -> Look:
    """What is found wrong on the cockpit, by chart, while its style is changed."""
    view, page = cockpit
    assert appearance_problems(view, page) == []

    def found(style: str) -> list[str]:
        tag = view.add_style_tag(content=style)
        problems = appearance_problems(view, page)
        tag.evaluate("(one) => one.remove()")
        return problems

    return found


def test_a_blank_map_is_noticed(look: Look) -> None:
    [problem] = look(f"{MAP} canvas {{ opacity: 0; }}")
    assert problem.startswith("红黄绿灯地图")
    assert "blank" in problem


def test_a_blank_chart_is_noticed(cockpit: tuple[Any, Page]) -> None:
    view, page = cockpit
    assert appearance_problems(view, page) == []
    view.evaluate(
        "() => { const c = document.querySelector("
        "\"[data-test-chart-name='12345按期办结率走势（%）'] canvas\");"
        " const all = [0, 0, c.width, c.height]; const d = c.getContext('2d');"
        " window.kept = d.getImageData(...all); d.clearRect(...all);"
        " window.again = () => d.putImageData(window.kept, 0, 0); }"
    )
    found = appearance_problems(view, page)
    view.evaluate("() => window.again()")
    assert found == ["12345按期办结率走势（%）: the canvas is blank"]


@pytest.mark.parametrize(
    ("style", "said"),
    [
        # The rules of the theme no longer match Superset's markup: a plain table again.
        (
            f"{TILES} tbody {{ display: table-row-group !important; }}"
            f"{TILES} tbody tr {{ display: table-row !important; }}",
            "cockpit-tiles: no longer drawn as tiles",
        ),
        (f"{TILES} tbody {{ grid-auto-flow: row !important; }}", "cockpit-tiles: not on one line"),
        (f"{TILES} td {{ font-size: 13px !important; }}", "the figure of a tile is not big"),
        (f"{TILES} thead {{ visibility: visible !important; }}", "a table head is in sight"),
        (
            f"{STRIP} tbody tr {{ display: table-row !important; }}",
            "cockpit-status: no longer drawn as strip",
        ),
        (
            f"{TABLE} table {{ width: 160% !important; }}",
            "指标一览: columns are cut at the right",
        ),
    ],
)
def test_a_lost_shape_is_noticed(look: Look, style: str, said: str) -> None:
    assert any(said in problem for problem in look(style))
