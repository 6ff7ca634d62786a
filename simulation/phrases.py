"""Sentences of the fake callers: places from real town and village names, words of our own."""

from __future__ import annotations

import polars as pl

ROADS = ("人民路", "解放路", "胜利路", "环城路", "兴业街", "迎宾大道", "桥头弄", "稻香路", "望江路")
PLEA = ("请尽快处理", "希望有关部门核实", "请给个答复", "已经反映多次", "盼回复")
# By topic, in the order of HOTLINE_TOPIC.
MATTER: tuple[tuple[str, ...], ...] = (
    ("公租房申请进度", "房屋漏水维修", "拆迁安置时间"),
    ("公交班次太少", "路口红绿灯时间太短", "停车位不足"),
    ("占道经营影响通行", "夜间施工噪音", "垃圾清运不及时"),
    ("厂区异味", "河道水体发黑", "扬尘未覆盖"),
    ("拖欠工资", "社保转移手续", "工伤认定材料"),
    ("预约挂号困难", "医保报销比例", "疫苗接种安排"),
    ("入学报名条件", "校车线路", "培训机构退费"),
    ("购买商品要求退货", "预付卡商家关门", "食品过期"),
    ("物业费上涨", "电梯经常故障", "小区绿化被占"),
    ("停水未通知", "电表计量异常", "燃气改造时间"),
    ("公园设施损坏", "路灯不亮", "咨询办事地点"),
)


def places(town: pl.Series, village: pl.Series, number: pl.Series, known: pl.Series) -> pl.Series:
    """An address made of town, village, road and house number; without a town only the road."""
    table = pl.DataFrame({"t": town, "v": village, "n": number, "k": known})
    road = pl.lit(pl.Series(list(ROADS))).implode().list.get(pl.col("n") % len(ROADS))
    street = pl.format("{}{}号", road, pl.col("n"))
    return table.select(
        pl.when(pl.col("k")).then(pl.format("{}{}{}", "t", "v", street)).otherwise(street)
    ).to_series()


def contents(
    topic: pl.Series,
    draw: pl.Series,
    place: pl.Series,
    caller: pl.Series,
    telephone: pl.Series,
    told_id: pl.Series,
    tells_id: pl.Series,
) -> pl.Series:
    """What the caller says; now and then the caller tells a name, a number or an ID."""
    flat = pl.Series([m for group in MATTER for m in group])
    matter = flat.gather(topic * 3 + draw % 3)
    plea = pl.Series(list(PLEA)).gather(draw // 8 % len(PLEA))
    table = pl.DataFrame(
        {
            "m": matter,
            "e": plea,
            "p": place,
            "c": caller,
            "t": telephone,
            "i": told_id,
            "y": tells_id,
            "d": draw,
        }
    )
    plain = pl.format("{}反映{},{}。", "p", "m", "e")
    named = pl.format("来电人{}(电话{})称{}{},{}。", "c", "t", "p", "m", "e")
    with_id = pl.format("本人{},身份证号{},在{}遇到{},{}。", "c", "i", "p", "m", "e")
    return table.select(
        pl.when(pl.col("y"))
        .then(with_id)
        .when(pl.col("d") // 64 % 5 == 0)
        .then(named)
        .otherwise(plain)
    ).to_series()
