"""A statement as the log may keep it: one line, no comments, no value of a person.

Somebody who looks for a person types the person's number or name, and the log must not become a
list of them (PIPL 第6条: the least that serves the purpose). Kept are table, column and code
literals: a log in which nothing stands would prove nothing. What is cut out leaves its shape.
"""

from __future__ import annotations

import re
import unicodedata

# Comments, strings (and quoted names, which may hold a value as well), numbers: left to right, so
# that a dash inside a string begins no comment.
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|$))"
    r"|(?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$))"
    r"|(?P<string>'(?:[^']|'')*(?:'|$))"
    r'|(?P<name>"(?:[^"]|"")*(?:"|$))'
    r"|(?P<space>\s+)",
    re.DOTALL,
)
# Eleven digits and more, also with blanks or dashes between, with an identity number's last X.
_LONG = re.compile(r"(?<![0-9A-Za-z_])[+(]?(?:[0-9][ \-()]{0,2}){10,}[0-9Xx](?![0-9A-Za-z_])")
_GLUED = re.compile(r"[0-9]{11,}[Xx]?")
_AREA_CODE = re.compile(r"33[0-9]{10}|33[0-9]{13}")  # villages and grids of the province
_MOMENT = re.compile(r"(?:19|20)[0-9]{2}-?[01][0-9]-?[0-3][0-9]")
_LANDLINE = re.compile(r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}"
)
# The hundred commonest surnames (公安部 2020) and the commonest of two characters.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "章俞楼骆裘竺祝寿屠茹诸倪翁施傅"
)
_NAME = re.compile(
    rf"(?<![\u4e00-\u9fff])(?:欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|[{_SURNAMES}])"
    r"[\u4e00-\u9fff]{1,2}(?:[·][\u4e00-\u9fff]{1,4})?(?![\u4e00-\u9fff])"
)
# Words of the registry and of places begin with surnames, too.
_NO_NAME = re.compile(
    r".*[市区县镇乡村里街局院所站台办委会队部组类级率数额灯色期月年日时]$|.*[完成办理未已]$|金额|高新|石油|方案|于|向"
)


def _shape(text: str) -> str:
    digits = sum(c.isdigit() for c in text)
    return f"‹{digits} digits›" if digits >= len(text) / 2 else f"‹{len(text)} characters›"


def _number(match: re.Match[str]) -> str:
    text = match[0]
    digits = re.sub(r"[^0-9Xx]", "", text)
    if _AREA_CODE.fullmatch(digits) and digits == text.strip():
        return text
    if _MOMENT.match(text) and len(digits) != 18 and not _GLUED.fullmatch(text):
        return text  # two dates, or a date and an hour
    return _shape(text)


def _name(match: re.Match[str]) -> str:
    return match[0] if _NO_NAME.fullmatch(match[0]) else _shape(match[0])


def _numbers(text: str) -> str:
    text = _MAIL.sub(lambda m: _shape(m[0]), text)
    text = _PLATE.sub(lambda m: _shape(m[0]), text)
    text = _LANDLINE.sub(lambda m: _shape(m[0]), text)
    text = _LONG.sub(_number, text)
    return _GLUED.sub(_number, text)


def _token(match: re.Match[str]) -> str:
    if match["comment"] is not None or match["space"] is not None:
        return " "  # a comment may hold anything
    return match[0]


def redacted(text: str, longest: int = 4000) -> str:
    """One line of at most `longest` characters; values that look like a person's are shapes.

    The same for a statement, a filter or a sentence: what has no quotes is one piece.
    """
    if not text:
        return ""
    bounded = unicodedata.normalize("NFKC", text[: 4 * longest])
    flat = _TOKEN.sub(_token, bounded).strip()
    flat = "".join(c if c.isprintable() else " " for c in flat)
    clean = _NAME.sub(_name, _numbers(flat))
    if len(clean) > longest or len(text) > 4 * longest:
        return clean[:longest] + f"… ({len(text):,} characters)"
    return clean
