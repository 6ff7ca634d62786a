"""The surnames of the 2020 census' list that cover more than 95 % of the people, and the
commonest of two characters; a personal name begins with one and has one or two characters more.
"""

from __future__ import annotations

COMMON = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
    "严覃武戴莫孔向汤章施洪俞傅骆裘祝阮楼胥倪柴赖康葛牛樊温庄易殷翟鲁牟岳齐梅凌庞邢舒季管聂焦祁童欧"
    "柳甘申尤竺屠宣包詹裴寿茹"
)
DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "长孙",
)
# Names that their source has masked (张某某, 李*) are names all the same.
PERSON = rf"^(?:{'|'.join(DOUBLE)}|[{COMMON}])[\p{{Han}}*＊×某]{{1,2}}$"
