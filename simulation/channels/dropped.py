"""Files of a feed as its contract declares them: CSV or workbook, sealed or with control figures.

What one file got wrong comes right in the next. Beside the defects of cells each feed has the
mishaps of whole files that its number gives it: rows sent twice, a file of another feed under
this feed's name, a file cut short, a delivery weeks late.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ingestion.conform import units
from ingestion.conform.convert import DAYS, MOMENTS
from ingestion.contract import Contract
from ingestion.contract.model import Alias, Field
from ingestion.delivery.unwrap import seal
from simulation import dirt
from simulation.channels import automatic, mishaps, workbook
from simulation.channels.calendar import Span, shown
from simulation.crisis import is_silent
from simulation.deliveries import Ground, csv_bytes
from simulation.world import Ints

YES, NO = "是", "否"
FOOTNOTES = ("注:本表由系统导出,演示数据。", "说明:空白表示尚未发生。")
# Where a feed has aliases, its headers change with this delivery (counted from the last).
RENAMED_BEFORE_LAST = 6


@dataclass(frozen=True)
class Files:
    """All files of one feed."""

    ground: Ground
    contract: Contract
    periods: list[Span]
    stream: int
    sender: str = ""  # where several send files beside an interface, under their own headers

    def deliver(self, rows: pl.DataFrame, extra: list[dirt.Defect]) -> None:
        """Write every file, the manifest's lines and the truth."""
        contract, ground = self.contract, self.ground
        key = list(contract.key)
        snapshot = contract.snapshot == "all"
        changes = shown(rows, key or ["updated"], self.periods)
        groups = {int(str(n[0])): g for n, g in changes.group_by("period", maintain_order=True)}
        rng = ground.world.chance(self.stream)
        names = [f.name for f in contract.fields]
        empty = rows.head(0).select(names)
        state, carry = empty, pl.DataFrame()
        for number, span in enumerate(self.periods):
            if is_silent(ground.world, contract.code, span.end):
                continue
            fresh = groups.get(number, changes.head(0)).select(names)
            if snapshot:
                state = pl.concat([state, fresh]).unique(key, keep="last", maintain_order=True)
                fresh = state
            text = self._text(fresh, number)
            name = self._name(span)
            spoilt, bad, repeats = text, np.array([], np.int64), text.head(0)
            # What comes twice for another reason comes clean: its truth names one file. The last
            # comes clean, or its corrections would be missing; the only one does not.
            last = number == len(self.periods) - 1 and number > 0
            dirty = ground.share and "reference" not in contract.tags
            if dirty and not last and not self._cut(number):
                spoilt, bad, repeats = self._spoilt(text, extra, rng, name, number)
            parts = [spoilt, repeats]
            if carry.height and not snapshot:
                # a key that changed since needs no correction, and must not be put back by it
                corrected = carry.join(fresh, on=key, how="anti")
                # written as this file is: headers, unit and date form may have changed since
                parts.append(self._text(corrected, number))
            self._write(span, number, name, pl.concat(parts))
            carry = fresh[sorted(bad.tolist())]

    def _spoilt(
        self,
        text: pl.DataFrame,
        extra: list[dirt.Defect],
        rng: np.random.Generator,
        name: str,
        number: int,
    ) -> tuple[pl.DataFrame, Ints, pl.DataFrame]:
        """The file's rows with defects, which of them are refused, and rows sent twice."""
        contract, ground = self.contract, self.ground
        if not text.height:
            return text, np.array([], np.int64), text
        share = dirt.share_of(ground.share, text.height, 1)
        # of what only comes new nothing is sent again: nothing could tell it from the first
        once = contract.snapshot or contract.duplicate_policy == "append"
        twice = 1 if number % 4 == 1 and text.height > 3 and not once else 0
        keys = pl.concat_str(list(contract.key), separator="|")
        # rows that are repeated below stay clean, so that their repetition is exact
        spoilt, bad = dirt.spoil(
            text.head(text.height - twice),
            [*automatic.cell_defects(contract), *extra],
            share,
            rng,
            ground.truth,
            contract.code,
            name,
            keys,
        )
        repeats = text.tail(twice)
        if twice:
            at = [text.height + 1]
            told = repeats.select(keys).to_series()
            ground.truth.add(contract.code, name, at, told, "", "row sent again", "", "unchanged")
        return pl.concat([spoilt, text.tail(twice)]), bad, repeats

    # -- one file -------------------------------------------------------------------------------

    def _name(self, span: Span) -> str:
        pattern = str(self.contract.server.options["file_pattern"])
        return f"{self.contract.code}/" + self._told(pattern, span)

    def _told(self, pattern: str, span: Span) -> str:
        named = pattern.replace("{period}", span.label).replace("{sender}", self.sender)
        return named.replace("*", "")

    def _renamed(self, number: int) -> bool:
        return number >= len(self.periods) - RENAMED_BEFORE_LAST

    def _sent_as(self, field: Field, number: int) -> Alias:
        """The header of a column in a delivery, and the unit it is sent in."""
        if field.aliases and (self.sender or self._renamed(number)):
            return field.aliases[0]
        return Alias(field.source, field.source_unit)

    def _text(self, rows: pl.DataFrame, number: int) -> pl.DataFrame:
        """Every cell as text, in the date form and the unit of this delivery."""
        return rows.select(self._cell(rows, f, number) for f in self.contract.fields)

    def _cell(self, rows: pl.DataFrame, field: Field, number: int) -> pl.Expr:
        column, kind = pl.col(field.name), rows.schema[field.name]
        if kind == pl.Boolean:
            return (
                pl.when(column).then(pl.lit(YES)).when(~column).then(pl.lit(NO)).alias(field.name)
            )
        book = self.contract.server.format == "xlsx"
        form = "iso" if book else field.date_forms[number % len(field.date_forms)]
        if kind == pl.Date:
            return column.dt.strftime(DAYS[form][0])
        if isinstance(kind, pl.Datetime):
            return column.dt.strftime(MOMENTS[form][0])
        unit = self._sent_as(field, number).unit
        if field.source_unit and unit and unit != field.source_unit and field.unit:
            rate = float(units.factor(field.source_unit, field.unit)) / float(
                units.factor(unit, field.unit)
            )
            column = (column.cast(pl.Float64) * rate).round(6)
        return column.cast(pl.String).alias(field.name)

    def _write(self, span: Span, number: int, name: str, text: pl.DataFrame) -> None:
        contract, ground = self.contract, self.ground
        path = ground.manifest.out / name
        ground.folder(name.rsplit("/", 1)[0])
        headers = {f.name: self._sent_as(f, number).source for f in contract.fields}
        if contract.server.format == "xlsx":
            self._workbook(path.with_name(path.name), text, headers, span)
        else:
            declared = contract.server.options.get("encoding", "utf-8")
            encoding = declared[-1] if isinstance(declared, list) else declared
            blob = csv_bytes(text, headers, str(encoding))
            path.write_bytes(seal(contract, blob) if self._sealed else blob)
        declared = contract.server.options.get("control")
        if declared:
            mishaps.control(path, str(declared["suffix"]), text.height)
        n = len(self.periods)
        mishaps.strange_file(ground, contract, span, number, n)
        at = mishaps.sent_at(ground, contract, span, number, n).isoformat()
        ground.manifest.add_at(contract.code, "file", span.start, span.end, at, name)
        if self._cut(number):
            mishaps.cut_short(ground, contract, name, span, text.height)

    def _cut(self, number: int) -> bool:
        return bool(self.ground.share) and mishaps.is_cut(self.contract, number, len(self.periods))

    @property
    def _sealed(self) -> bool:
        options = self.contract.server.options
        return "encryption" in options or "compression" in options

    def _workbook(
        self, path: Path, text: pl.DataFrame, headers: dict[str, str], span: Span
    ) -> None:
        contract = self.contract
        fields = [(f.name, headers[f.name]) for f in contract.fields]
        merged = int(contract.server.options["header_row"]) == 3
        half = max(1, len(fields) // 2)
        groups: list[workbook.Group] = (
            [("基本信息", fields[:half]), ("办理信息", fields[half:])] if merged else [("", fields)]
        )
        numbers = [f.name for f in contract.fields if f.logical in ("integer", "number")]
        # every second office keeps dates as the spreadsheet's own
        dates = [f.name for f in contract.fields if f.logical in ("date", "timestamp")]
        workbook.write(
            path,
            text,
            groups,
            f"{contract.name}(演示数据,截至{span.end:%Y年%m月%d日})",
            FOOTNOTES,
            span.end,
            numbers=tuple(numbers),
            dates=tuple(dates) if int(contract.code[1:]) % 2 == 0 else (),
        )
