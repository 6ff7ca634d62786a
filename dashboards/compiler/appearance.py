"""Whether a drawn page still looks as it was designed.

Tiles and text strips are tables reshaped by style sheets, and maps are drawn by the graphics
card: after an upgrade of Superset both can lose their look without any error. So the browser is
asked what it really drew.
"""

from __future__ import annotations

import base64
from typing import Any

from dashboards.compiler.names import chart_name
from dashboards.compiler.specification import Page

# Of a drawn canvas at least this share of pixels is more than background: the smallest chart,
# a few thin lines, has thirty times as many.
_LEAST_DRAWN_SHARE = 0.0002
_MAPS = ("map", "points")

# Tables: every column in sight. Tiles: one line of boxes, big figures. Strips: one line of text.
_SHAPES = """([tiles, strips, narrow]) => {
  const faults = [];
  const say = (name, what) => faults.push(name + ': ' + what);
  for (const slice of document.querySelectorAll('.chart-slice')) {
    const name = slice.getAttribute('data-test-chart-name');
    const table = slice.querySelector('table.table');
    const kind = tiles.includes(name) ? 'tiles' : strips.includes(name) ? 'strip' : 'table';
    if (!table) {
      if (kind !== 'table') say(name, `the ${kind} have no table to shape`);
      continue;
    }
    const box = slice.getBoundingClientRect();
    const rows = [...slice.querySelectorAll('table.table tbody tr')];
    const cells = rows.flatMap(row => [...row.querySelectorAll('td')]);
    const style = (one) => getComputedStyle(one);
    const edge = Math.max(...cells.map(c => c.getBoundingClientRect().right));
    if (edge > box.right + 1) say(name, 'columns are cut at the right');
    if (kind === 'table') continue;
    const heads = [...slice.querySelectorAll('thead')];
    if (heads.some(h => style(h).visibility !== 'hidden')) say(name, 'a table head is in sight');
    const tops = rows.map(row => Math.round(row.getBoundingClientRect().top));
    if (!narrow && Math.max(...tops) - Math.min(...tops) > 2) say(name, 'not on one line');
    if (Math.max(...rows.map(r => r.getBoundingClientRect().bottom)) > box.bottom + 1)
      say(name, 'cut at the bottom');
    const wanted = kind === 'tiles' ? 'grid' : 'flex';
    if (rows.some(row => style(row).display !== wanted)) say(name, `no longer drawn as ${kind}`);
    if (kind === 'tiles' && rows.some(row => {
      const size = [...row.querySelectorAll('td')].map(c => parseFloat(style(c).fontSize));
      return size.length < 2 || size[1] < 1.5 * size[0];
    })) say(name, 'the figure of a tile is not big');
  }
  return faults;
}"""

# 2D canvases can be read where they are; WebGL ones (null) only from the screen.
_DRAWN_2D = """(canvas) => {
  if (!canvas.width || !canvas.height) return 0;
  const context = canvas.getContext('2d');
  if (!context) return null;
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let drawn = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 0) drawn += 1;
  return drawn / (canvas.width * canvas.height);
}"""
_DIFFERENT_SHARE = """async ([with_it, without_it]) => {
  const read = async (png) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + png;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await read(with_it), await read(without_it)];
  let different = 0;
  for (let i = 0; i < a.length; i += 4)
    if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 12)
      different += 1;
  return different / (a.length / 4);
}"""


def appearance_problems(view: Any, page: Page) -> list[str]:
    """What an opened page shows in another shape than its specification means."""
    named = [(b, chart_name(page.charts_of, b.id, b.title)) for b in page.blocks]
    tiles = [name for b, name in named if b.kind == "tiles"]
    strips = [name for b, name in named if b.options.get("look") == "strip"]
    problems: list[str] = view.evaluate(_SHAPES, [tiles, strips, bool(page.of)])
    for block in page.blocks:
        name = chart_name(page.charts_of, block.id, block.title)
        holder = view.locator(f'.chart-slice[data-test-chart-name="{name}"]')
        canvases = holder.locator("canvas").all()
        if block.kind in _MAPS and not canvases:
            problems.append(f"{name}: no map is drawn")
        elif canvases and max(_drawn_share(view, one) for one in canvases) < _LEAST_DRAWN_SHARE:
            problems.append(f"{name}: the canvas is blank")
    return problems


def _drawn_share(view: Any, canvas: Any) -> float:
    """The share of a canvas's pixels that differ from the page behind it."""
    share = canvas.evaluate(_DRAWN_2D)
    if share is not None:
        return float(share)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    with_it = view.screenshot(clip=box)
    canvas.evaluate("(one) => { one.style.visibility = 'hidden'; }")
    without_it = view.screenshot(clip=box)
    canvas.evaluate("(one) => { one.style.visibility = ''; }")
    pictures = [base64.b64encode(png).decode() for png in (with_it, without_it)]
    return float(view.evaluate(_DIFFERENT_SHARE, pictures))
