"""A real browser on the pages: wait until all is drawn, find what is wrong, take pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboards.compiler.session import password
from dashboards.server import paths

_CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Maps are WebGL; without a graphics card Chromium draws them in software.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
_HEIGHT = 1080
_DRAWN_LIMIT_S = 60.0
# A server that has just started, on a machine with other work, may think this long.
_ANSWER_LIMIT_S = 120.0
# Everything a chart shows instead of data, in Chinese and in English.
_FAULTS = """() => {
  const faults = [];
  for (const holder of document.querySelectorAll('.dashboard-component-chart-holder')) {
    const slice = holder.querySelector('.chart-slice');
    const name = slice ? slice.getAttribute('data-test-chart-name') : 'text';
    const text = holder.innerText || '';
    // Words inside a table's cells are data.
    const rows = holder.querySelector('table.table tbody');
    const said = rows ? text.replace(rows.innerText, '') : text;
    if (holder.querySelector('[role=alert], .ant-alert-error, [data-test=alert]')) {
      faults.push(name + ': error box: ' + text.slice(0, 200));
    }
    if (holder.querySelector('.ant-empty') ||
        /No results|No data|此查询没有数据返回|没有结果|无结果|暂无数据/.test(said)) {
      faults.push(name + ': no results');
    }
  }
  return faults;
}"""
_BUSY = """() => {
  const charts = [...document.querySelectorAll('.chart-slice')];
  const waiting = charts.filter(c => !c.querySelector('.slice_container') ||
      c.querySelector('.loading, [data-test=loading-indicator]'));
  return charts.length === 0 ? -1 : waiting.length;
}"""


@dataclass
class View:
    """One page as it was drawn."""

    page: Any
    seconds: float
    faults: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)

    def text(self) -> str:
        """All visible words."""
        return str(self.page.inner_text("body"))

    def shoot(self, file: Path) -> None:
        """The whole page, not only the first screen, as a PNG."""
        height = self.page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('.grid-container')]"
            ".map(g => g.getBoundingClientRect().bottom + window.scrollY)) + 40"
        )
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": size["width"], "height": int(max(height, 600))})
        wait_until_drawn(self.page)
        self.page.screenshot(path=str(file))
        self.page.set_viewport_size(size)


@contextmanager
def stranger() -> Iterator[Any]:
    """A browser context in which nobody is logged in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium"),
            args=_CHROMIUM_ARGUMENTS,
        )
        context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(_ANSWER_LIMIT_S * 1000)
        yield context
        chromium.close()


@contextmanager
def browser(login: str = "admin") -> Iterator[Any]:
    """A logged-in browser context."""
    with stranger() as context:
        page = context.new_page()
        page.goto(f"{paths.address()}/login/")
        page.fill("#username", login)
        page.fill("#password", password(login))
        page.press("#password", "Enter")
        # Logged in is who is let through; how long the first page draws is nobody's matter.
        page.wait_for_url(lambda url: "/login" not in url, wait_until="commit")
        page.close()
        yield context


def open_page(context: Any, slug: str, width: int, *, standalone: int = 2) -> View:
    """Open a page and wait until every chart is drawn."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": _HEIGHT})
    view = View(page, 0.0)
    page.on("console", lambda m: view.console_errors.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: _note_foreign(view, r.url))
    started = time.monotonic()
    page.goto(f"{paths.address()}/superset/dashboard/{slug}/?standalone={standalone}")
    wait_until_drawn(page)
    view.seconds = time.monotonic() - started
    # Charts below the first screen are drawn when they come near it.
    for _ in range(12):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(60)
    wait_until_drawn(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    view.faults = page.evaluate(_FAULTS)
    return view


def wait_until_drawn(page: Any) -> None:
    """Return when no chart has been loading for half a second."""
    deadline = time.monotonic() + _DRAWN_LIMIT_S
    quiet = 0
    while quiet < 4 and time.monotonic() < deadline:
        quiet = quiet + 1 if page.evaluate(_BUSY) == 0 else 0
        page.wait_for_timeout(120)


def _note_foreign(view: View, url: str) -> None:
    if not url.startswith((paths.address(), "data:", "blob:", "about:", "chrome")):
        view.foreign_requests.append(url)
