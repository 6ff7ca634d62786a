"""Colours of all pages. Red, yellow and green are lights and nothing else.

The three differ in lightness and in blue as well as in hue (checked for deuteranopia), and a
light is always also a word and a shape: ■ 红, ▲ 黄, ● 绿, ○ 灰.
"""

from __future__ import annotations

from itertools import cycle

from ingestion.city import districts

RED, YELLOW, GREEN, GREY = "#E8635F", "#E8B04A", "#35B492", "#8FA3BF"
# By the shape that stands in every light text, whatever its word.
LIGHTS = {"■": RED, "▲": YELLOW, "●": GREEN, "○": GREY}
ACCENT = "#5AA9FF"
LIMIT_NAME = "◇ 黄灯线"
BAR = "#3D78C2"
BACKGROUND = "#101E35"
# Lines and bars: calm blues to violets, none of them near a light.
SERIES = ("#5AA9FF", "#9B8CFF", "#4FD1E8", "#C3D4EC", "#7E9BD1", "#D59BF0", "#6F86A8", "#A9E4F5")
# Stages of a way: one blue, the later the deeper.
STAGES = ("#2F6FB5", "#2B65A6", "#275B97", "#235188", "#1F4779", "#1B3D6A")
# Names of the schemes as Superset knows them (superset_config.py).
SERIES_SCHEME, STAGES_SCHEME = "fengqiao_series", "fengqiao_stages"
_DISTRICTS = (*SERIES[:3], *SERIES[4:6], SERIES[7], SERIES[3], SERIES[6])
SERIES_OF = {
    "◆ 全市": "#FFFFFF",
    **dict(zip(districts().values(), cycle(_DISTRICTS), strict=False)),
    LIMIT_NAME: YELLOW,
    # Control charts, and the mark on a bar.
    "◆ 值": "#FFFFFF",
    "中线": SERIES[4],
    "控制上限": SERIES[6],
    "控制下限": SERIES[6],
    "现值": BAR,
    "目标": "#FFFFFF",
    "登记": "#2F6FB5",
    "分流": "#2B65A6",
    "调解中": "#275B97",
    "达成协议": "#235188",
    "销号": "#1F4779",
    # The stability index: what a step of its waterfall stands on, steps, lines, bands; lights.
    "　": "rgba(0,0,0,0)",
    "得分比同类中位数": BAR,
    "拉高": SERIES[2],
    "拉低": SERIES[1],
    "继承值": SERIES[6],
    "◆ 得分": "#FFFFFF",
    "同类中位数": SERIES[4],
    "90%区间上限": SERIES[6],
    "90%区间下限": SERIES[6],
    "本镇街": "#FFFFFF",
    "A 档": SERIES[7],
    "B 档": SERIES[0],
    "C 档": SERIES[1],
    "D 档": SERIES[5],
    "R 红线": RED,
    "不评分": SERIES[6],
    "■ 红灯": RED,
    "▲ 黄灯": YELLOW,
    "按时": SERIES[0],
    "迟到": YELLOW,
    "缺失": RED,
    "拒收": "#B0476B",
}


def rgba(colour: str, alpha: float = 1) -> dict[str, float]:
    """`#RRGGBB` as Superset's colour pickers store it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return {"r": red, "g": green, "b": blue, "a": alpha}
