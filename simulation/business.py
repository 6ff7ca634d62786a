"""The feeds of the project, land, environment and petition systems: P02 and P05 to P31."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from simulation.business_breaches import BREACHES
from simulation.channels.declared import deliver as declare
from simulation.decisions import truth as decision_truth
from simulation.decisions.consultations import Consultations
from simulation.decisions.decisions import Decisions
from simulation.decisions.reports import Reports
from simulation.deliveries import Ground
from simulation.environment.assessments import Assessments
from simulation.environment.complaints import Complaints, penalties, receptors
from simulation.environment.polluters import Polluters
from simulation.land import truth as land_truth
from simulation.land.expropriations import Expropriations
from simulation.land.households import Households
from simulation.land.planning import Planning
from simulation.land.resettlement import Resettlement
from simulation.petitions import truth as petition_truth
from simulation.petitions.gatherings import Gatherings
from simulation.petitions.petitions import Petitions
from simulation.petitions.steps import Steps
from simulation.policing.project_calls import ProjectCalls
from simulation.projects.approvals import Approvals
from simulation.shared import Shared
from simulation.world import World


def _nothing() -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Business:
    """The lives behind these feeds, each made when it is first asked for."""

    world: World
    shared: Shared

    @cached_property
    def approvals(self) -> Approvals:
        return Approvals(self.world, self.shared.projects)

    @cached_property
    def decisions(self) -> Decisions:
        return Decisions(self.world, self.shared.projects)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self.world, self.decisions)

    @cached_property
    def consultations(self) -> Consultations:
        return Consultations(self.world, self.decisions)

    @cached_property
    def expropriations(self) -> Expropriations:
        return Expropriations(self.world, self.shared.projects)

    @cached_property
    def households(self) -> Households:
        return Households(self.world, self.expropriations)

    @cached_property
    def resettlement(self) -> Resettlement:
        return Resettlement(self.world, self.expropriations)

    @cached_property
    def planning(self) -> Planning:
        return Planning(self.world, self.shared.projects)

    @cached_property
    def assessments(self) -> Assessments:
        return Assessments(self.world, self.shared.projects)

    @cached_property
    def polluters(self) -> Polluters:
        return Polluters(self.world)

    @cached_property
    def complaints(self) -> Complaints:
        return Complaints(self.world, self.polluters, self.shared.projects)

    @cached_property
    def petitions(self) -> Petitions:
        return Petitions(self.world, self.shared.projects)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.world, self.petitions)

    @cached_property
    def gatherings(self) -> Gatherings:
        return Gatherings(self.world, self.petitions)

    def feeds(self) -> dict[str, Callable[[], pl.DataFrame]]:
        """Each feed's code and how its frame is made, in the order of delivery."""
        world, shared = self.world, self.shared
        return {
            "P02": lambda: self.approvals.items,
            "P05": lambda: self.approvals.funding,
            "P06": lambda: self.decisions.catalogue,
            "P07": lambda: self.reports.filed,
            "P08": lambda: self.reports.measures,
            "P09": lambda: self.consultations.heard,
            "P10": lambda: self.reports.assessors,
            "P11": lambda: self.expropriations.declared,
            "P12": lambda: self.expropriations.plans,
            "P13": lambda: self.households.ledger,
            "P14": lambda: self.households.paid,
            "P15": lambda: self.resettlement.housing,
            "P16": lambda: self.planning.sites,
            "P17": lambda: self.planning.notices,
            "P18": lambda: self.resettlement.security,
            "P19": lambda: self.assessments.approvals,
            "P20": lambda: self.assessments.comments,
            "P21": lambda: self.polluters.permits,
            "P22": lambda: self.polluters.daily,
            "P23": lambda: self.complaints.complaints,
            "P24": lambda: penalties(world, shared.cases, shared.warnings),
            "P25": lambda: receptors(world),
            "P26": lambda: self.petitions.matters,
            "P27": lambda: self.steps.processing,
            "P28": lambda: self.steps.reviews,
            "P29": lambda: self.gatherings.weeks,
            "P30": lambda: self.gatherings.ledger,
            "P31": lambda: self.steps.rated,
        }


def deliver(ground: Ground, shared: Shared, step: Callable[[], None] = _nothing) -> None:
    """Every delivery of these feeds; `step` is called after each feed."""
    for code, frame in Business(ground.world, shared).feeds().items():
        declare(ground, code, frame(), BREACHES.get(code))
        step()


def rates(world: World, shared: Shared) -> pl.DataFrame:
    """True rates of M01-M09 and D01-D06, in the columns of `simulation.rates`."""
    of = Business(world, shared)
    return pl.concat(
        [
            decision_truth.rates(
                world,
                of.reports,
                of.consultations,
                of.gatherings,
                ProjectCalls(world, shared.projects),
            ),
            land_truth.rates(world, of.households),
            petition_truth.rates(world, of.steps, of.gatherings),
        ]
    )
