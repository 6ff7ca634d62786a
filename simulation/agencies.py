"""The feeds of the street, police, court, care and opinion systems: their lives, sent and counted.

Each agency makes the frame its contract declares; channels send it (`channels/declared.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from simulation.care import service_warnings, youth_monthly
from simulation.care.service_warnings import ServiceWarnings
from simulation.care.youth_monthly import YouthMonthly
from simulation.channels import declared
from simulation.channels.declared import Extra
from simulation.deliveries import Ground
from simulation.justice import clues, cooperation, enforcement, filings
from simulation.justice.clues import Clues
from simulation.justice.cooperation import Cooperation
from simulation.justice.enforcement import Enforcement
from simulation.justice.filings import Filings
from simulation.management import city_events, inspections, places, sheets
from simulation.management.city_events import CityEvents
from simulation.management.inspections import Inspections
from simulation.management.places import Places
from simulation.management.sheets import Sheets
from simulation.neighbourhood import arrears, confirmations, dangers, grids, property_disputes
from simulation.neighbourhood.arrears import Arrears
from simulation.neighbourhood.confirmations import Confirmations
from simulation.neighbourhood.dangers import Dangers
from simulation.neighbourhood.grids import Grids
from simulation.neighbourhood.property_disputes import PropertyDisputes
from simulation.opinion import callbacks, messages, survey, topics
from simulation.opinion.callbacks import Callbacks
from simulation.opinion.messages import Messages
from simulation.opinion.survey import Survey
from simulation.opinion.topics import Topics
from simulation.policing import (
    events,
    fraud_cases,
    fraud_warnings,
    handovers,
    order_monthly,
    project_calls,
    supervision,
)
from simulation.policing.events import Events
from simulation.policing.fraud_cases import FraudCases
from simulation.policing.fraud_warnings import FraudWarnings
from simulation.policing.handovers import Handovers
from simulation.policing.order_monthly import OrderMonthly
from simulation.policing.project_calls import ProjectCalls
from simulation.policing.supervision import Supervision
from simulation.shared import Shared
from simulation.world import World

Feed = tuple[str, Callable[[], pl.DataFrame], Extra]


@dataclass(frozen=True)
class Agencies:
    """The lives that more than one feed or a rate needs, each made once."""

    world: World
    shared: Shared

    @cached_property
    def places(self) -> Places:
        return Places(self.world)

    @cached_property
    def enforcement(self) -> Enforcement:
        return Enforcement(self.world)

    def feeds(self) -> Iterator[Feed]:
        """(code, its frame, what breaks its row rules) of every feed, in order of code."""
        yield from self._neighbourhood()
        yield from self._policing()
        yield from self._opinion()
        yield from self._justice()
        yield from self._management()
        yield from self._care()

    def _neighbourhood(self) -> Iterator[Feed]:
        world, shared = self.world, self.shared
        owed = Arrears(world, shared.projects, shared.disputes, shared.cases, shared.warnings)
        owners = PropertyDisputes(world, shared.disputes)
        yield "P34", Confirmations(world, shared.mediations).rows, confirmations.EXTRA
        yield "P36", Grids(world).rows, grids.EXTRA
        yield "P37", Dangers(world, self.places).rows, dangers.EXTRA
        yield "P38", owed.rows, arrears.EXTRA
        yield "P39", owners.rows, property_disputes.EXTRA

    def _policing(self) -> Iterator[Feed]:
        world, shared = self.world, self.shared
        yield "P41", ProjectCalls(world, shared.projects).rows, project_calls.EXTRA
        yield "P42", Events(world).rows, events.EXTRA
        yield "P43", OrderMonthly(world).rows, order_monthly.EXTRA
        yield "F16", FraudCases(world).rows, fraud_cases.EXTRA
        yield "F17", FraudWarnings(world).rows, fraud_warnings.EXTRA
        yield "F21", Handovers(world, shared.calls).rows, handovers.EXTRA
        yield "F22", Supervision(world).rows, supervision.EXTRA

    def _opinion(self) -> Iterator[Feed]:
        world, shared = self.world, self.shared
        yield "P45", Callbacks(world, shared.hotline).rows, callbacks.EXTRA
        yield "P46", Topics(world, shared.projects).rows, topics.EXTRA
        yield "P47", Messages(world, shared.projects).rows, messages.EXTRA
        yield "P48", Survey(world).rows, survey.EXTRA

    def _justice(self) -> Iterator[Feed]:
        yield "F04", self.enforcement.rows, enforcement.EXTRA
        yield "F05", Cooperation(self.world, self.enforcement).rows, cooperation.EXTRA
        yield "F06", Filings(self.world).rows, filings.EXTRA
        yield "F07", Clues(self.world).rows, clues.EXTRA

    def _management(self) -> Iterator[Feed]:
        yield "F10", CityEvents(self.world).rows, city_events.EXTRA
        yield "F11", Inspections(self.world).rows, inspections.EXTRA
        yield "F18", lambda: places.scans(self.world), places.SCAN_EXTRA
        yield "F19", self.places.rows, places.EXTRA
        yield "F23", Sheets(self.world).rows, sheets.EXTRA

    def _care(self) -> Iterator[Feed]:
        yield "F13", ServiceWarnings(self.world, self.shared.patients).rows, service_warnings.EXTRA
        yield "F15", YouthMonthly(self.world).rows, youth_monthly.EXTRA


def deliver(ground: Ground, shared: Shared, step: Callable[[], None] = lambda: None) -> None:
    """Every delivery of these feeds; `step` is called after each feed."""
    for code, rows, extra in Agencies(ground.world, shared).feeds():
        declared.deliver(ground, code, rows(), extra)
        step()


def rates(world: World, shared: Shared) -> pl.DataFrame:
    """True rates of these agencies' indicators, in the columns of `simulation/rates.py`.

    K01 K02 K03 K03#overdue P04 P10 Z05 Z06 D08 C09 E01 E03 E05 E06 J01 J03 U01 U02 U03 U05 C10
    H05 H06 Y07.
    """
    lives = Agencies(world, shared)
    parts = [
        lives.places.rates(),
        Dangers(world, lives.places).rates(),
        Handovers(world, shared.calls).rates(),
        Supervision(world).rates(),
        FraudWarnings(world).rates(),
        Callbacks(world, shared.hotline).rates(),
        Survey(world).rates(),
        lives.enforcement.rates(),
        Cooperation(world, lives.enforcement).rates(),
        Clues(world).rates(),
        CityEvents(world).rates(),
        Inspections(world).rates(),
        Sheets(world).rates(),
        ServiceWarnings(world, shared.patients).rates(),
        YouthMonthly(world).rates(),
    ]
    return pl.concat([p.with_columns(pl.col("true_rate").cast(pl.Float64)) for p in parts])
