"""Map blocks. No tiles, no token, no other host: everything drawn comes from the page table."""

from __future__ import annotations

from dashboards.compiler.chart import Chart, Json, Query, conditions
from dashboards.compiler.palette import ACCENT, rgba
from dashboards.compiler.specification import Block, Page

# One transparent pixel of our own server (dashboards/server/application.py): deck.gl insists on
# a background, and this one asks no other host.
_NO_TILES = "tile:///fengqiao/blank.png"


def _viewport(block: Block) -> Json:
    longitude, latitude, zoom = block.options["view"]
    return {
        "longitude": longitude,
        "latitude": latitude,
        "zoom": zoom,
        "bearing": 0,
        "pitch": 0,
        "maxZoom": 16,
        "minZoom": 0,
        "maxPitch": 60,
        "minPitch": 0,
        "maxLatitude": 85.05113,
        "minLatitude": -85.05113,
        "altitude": 1.5,
        "width": 800,
        "height": 600,
    }


def map_block(page: Page, block: Block) -> Chart:
    """`map`: a column with one GeoJSON feature collection, with its own colours and tooltips."""
    column = block.options["feature"]
    limit = int(block.options.get("limit", 1))
    return Chart(
        page.id,
        block.id,
        block.title,
        "deck_geojson",
        block.options["table"],
        {
            "geojson": column,
            "mapbox_style": _NO_TILES,
            "viewport": _viewport(block),
            "autozoom": True,
            # Alpha 0 hands the colour to each feature's own properties.
            "fill_color_picker": rgba("#000000", 0),
            "stroke_color_picker": rgba("#000000", 0),
            "filled": True,
            "stroked": True,
            "extruded": False,
            "line_width": 2,
            "line_width_unit": "pixels",
            "point_radius_scale": 1,
            "enable_labels": False,
            "enable_icons": False,
            "js_columns": [],
            "js_data_mutator": "",
            "js_tooltip": "",
            "js_onclick_href": "",
        },
        Query(columns=(column,), where=conditions(block.options.get("where")), row_limit=limit),
    )


def points(page: Page, block: Block) -> Chart:
    """`points`: one small dot per row with a position."""
    longitude, latitude = block.options["longitude"], block.options["latitude"]
    where = conditions(block.options.get("where"))
    limit = int(block.options.get("limit", 20000))
    return Chart(
        page.id,
        block.id,
        block.title,
        "deck_scatter",
        block.options["table"],
        {
            "spatial": {"type": "latlong", "lonCol": longitude, "latCol": latitude},
            "mapbox_style": _NO_TILES,
            "viewport": _viewport(block),
            "autozoom": False,
            "color_scheme_type": "fixed_color",
            "color_picker": rgba(ACCENT, 0.55),
            "point_radius_fixed": {"type": "fix", "value": "35"},
            "point_unit": "radius_m",
            "multiplier": 1,
            "min_radius": 1.4,
            "max_radius": 12,
            "legend_position": None,
            "dimension": None,
            "js_columns": [],
            "js_data_mutator": "",
            "js_tooltip": "",
            "js_onclick_href": "",
        },
        Query(
            columns=(longitude, latitude),
            where=(*where, (longitude, "IS NOT NULL", None), (latitude, "IS NOT NULL", None)),
            row_limit=limit,
            metrics=(),
            extra={"is_timeseries": False},
        ),
    )
