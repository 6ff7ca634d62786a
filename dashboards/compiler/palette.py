"""Colours of all pages. Red, yellow and green are lights and nothing else.

The three differ in lightness and in blue as well as in hue (checked for deuteranopia), and a
light is always also a word and a shape: ■ 红, ▲ 黄, ● 绿, ○ 灰.
"""

from __future__ import annotations

RED, YELLOW, GREEN, GREY = "#E8635F", "#E8B04A", "#35B492", "#8FA3BF"
# By the shape that stands in every light text, whatever its word.
LIGHTS = {"■": RED, "▲": YELLOW, "●": GREEN, "○": GREY}
ACCENT = "#5AA9FF"
LIMIT_NAME = "◇ 黄灯线"
BAR = "#3D78C2"
# Lines and bars: calm blues to violets, none of them near a light.
SERIES = ("#5AA9FF", "#9B8CFF", "#4FD1E8", "#C3D4EC", "#7E9BD1", "#D59BF0", "#6F86A8", "#A9E4F5")
SERIES_OF = {
    "◆ 全市": "#FFFFFF",
    "越城区": SERIES[0],
    "柯桥区": SERIES[1],
    "上虞区": SERIES[2],
    "新昌县": SERIES[4],
    "诸暨市": SERIES[5],
    "嵊州市": SERIES[7],
    LIMIT_NAME: YELLOW,
    "登记": "#2F6FB5",
    "分流": "#2B65A6",
    "调解中": "#275B97",
    "达成协议": "#235188",
    "销号": "#1F4779",
    "按时": SERIES[0],
    "迟到": YELLOW,
    "缺失": RED,
    "拒收": "#B0476B",
}


def rgba(colour: str, alpha: float = 1) -> dict[str, float]:
    """`#RRGGBB` as Superset's colour pickers store it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return {"r": red, "g": green, "b": blue, "a": alpha}
