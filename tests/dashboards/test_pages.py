"""What the pages promise, in a real browser."""

from __future__ import annotations

from typing import Any

from dashboards.compiler import commands
from dashboards.compiler.browser import View, open_page, wait_until_drawn
from dashboards.compiler.checks import page_problems
from dashboards.compiler.specification import Page
from dashboards.server import control, paths
from orchestration.publish import mark
from tests.dashboards.test_leader_elements import ELEMENTS

PAGES_BY_ADDRESS = {
    *("cockpit", "health", "west-yorkshire", "districts", "definitions"),
    *("governance", "police", "procuratorate", "court", "justice", "enforcement"),
    *("decisions", "enforcement-matter", "fraud", "opinion", "disputes", "places"),
    *("city-management", "handover", "supervision", "care", "youth", "ledger", "safe-creation"),
    *("stability", "lights", "security", "wall"),
    # For telephones.
    *("cockpit-390", "districts-390"),
}


def test_every_page_verifies_and_is_chinese(superset: control.Running) -> None:
    """One pass over all pages in the browser; the cockpit at 1920 is looked at elsewhere."""
    bundle = commands.compiled()
    assert {page.id for page in bundle.pages} == PAGES_BY_ADDRESS
    assert commands.verify(in_browser=False) == []
    assert page_problems(bundle, narrowest=True, also=not_as_promised) == []


def not_as_promised(page: Page, view: View) -> list[str]:
    """Words that no reader should meet, and what a leader wants of a system and does not see."""
    return not_chinese_or_not_marked(page, view) + not_seen(page, view)


def not_seen(page: Page, view: View) -> list[str]:
    """Systems of the programme whose element is not drawn (its values: test_leader_elements.py)."""
    found = []
    for element in ELEMENTS:
        if element["page"] != page.id:
            continue
        title = commands.compiled().charts[page.id][element["block"]].name
        place = view.page.locator(f"[data-test-chart-name='{title}']")
        drawn = place.count() == 1 and place.is_visible()
        if not (drawn and (place.inner_text().strip() or place.locator("canvas").count())):
            found.append(f"{element['system']}: {title} is not seen")
    return found


def not_chinese_or_not_marked(page: Page, view: View) -> list[str]:
    """English words, and a head that does not say what the data are and of when."""
    text = view.text()
    if page.id == "west-yorkshire":  # its data are English
        return []
    wanted = ("演示数据", "2026-10-31 09:00")
    found = [f"does not say {words}" for words in wanted if words not in text]
    words = set(text.replace("\n", " ").split())
    return found + sorted(w for w in words if w.isascii() and w.isalpha() and len(w) > 3)


def test_an_indicators_definition_is_one_click_away(leader: Any) -> None:
    view = open_page(leader, "court", 1366)
    link = view.page.locator("a", has_text="定义").first.get_attribute("href")
    view.page.goto(f"{paths.address()}{link}")
    wait_until_drawn(view.page)
    text = view.page.inner_text("[data-test-chart-name='定义']")
    view.page.close()
    assert "D14 万人成讼率" in text
    assert "D09" not in text


def test_choosing_a_district_changes_tiles_table_and_funnel(leader: Any) -> None:
    view = open_page(leader, "cockpit", 1920)
    before = view.page.inner_text("[data-test-chart-name='指标一览']")
    choose(view.page, "区县", "诸暨市")
    after = view.page.inner_text("[data-test-chart-name='指标一览']")
    view.page.close()
    assert before != after
    # The city has final D09 of August whatever the district.
    assert "2026年8月" in after


def test_choosing_a_month_shows_that_month(leader: Any) -> None:
    view = open_page(leader, "cockpit", 1920)
    choose(view.page, "时段", "2026年03月")
    text = view.page.inner_text("[data-test-chart-name='指标一览']")
    view.page.close()
    assert "2026年3月" in text
    assert "2026年9月" not in text


def test_the_login_page_is_chinese(superset: control.Running, leader: Any) -> None:
    context = leader.browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{superset.address}/login/")
    page.wait_for_selector("#password")
    text = page.inner_text("body")
    context.close()
    assert "登录" in text
    assert "Sign in" not in text
    assert "Not In" not in text


def test_what_is_published_is_seen_at_once(leader: Any) -> None:
    view = open_page(leader, "health", 1920)
    assert "本次发布完整" in view.text()
    mark("stale", "本日更新失败，沿用上次发布")
    view.page.reload()
    wait_until_drawn(view.page)
    text = view.text()
    view.page.close()
    assert "本日更新失败，沿用上次发布" in text


def choose(page: Any, label: str, option: str) -> None:
    """Pick an option of a native filter and apply."""
    field = (
        page.locator("[data-test='form-item-value']")
        .filter(has=page.locator("input"))
        .nth({"区县": 0, "时段": 1, "地图指标": 2}[label])
    )
    field.locator(".ant-select-selector").click()
    page.locator(f".ant-select-item-option[title='{option}']").click()
    page.keyboard.press("Escape")
    page.locator("[data-test='filter-bar__apply-button']").click()
    wait_until_drawn(page)
