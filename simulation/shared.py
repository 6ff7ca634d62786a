"""The lives that several agencies see a part of: each is made once, when the first one asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from simulation.care.patients import Patients
from simulation.care.youth import Youth
from simulation.disputes import Disputes
from simulation.hotline import Hotline
from simulation.justice.cases import Cases
from simulation.justice.warnings import Warnings
from simulation.neighbourhood.grid import Grid
from simulation.neighbourhood.mediations import Mediations
from simulation.policing.calls import Calls
from simulation.policing.feedback import Feedback
from simulation.policing.orders import Orders
from simulation.projects.projects import Projects
from simulation.world import World


@dataclass(frozen=True)
class Shared:
    """One city's matters; the same object for every agency, so that chains join."""

    world: World

    @cached_property
    def projects(self) -> Projects:
        return Projects(self.world)

    @cached_property
    def disputes(self) -> Disputes:
        return Disputes(self.world)

    @cached_property
    def mediations(self) -> Mediations:
        return Mediations(self.world, self.disputes)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self.world, self.disputes)

    @cached_property
    def feedback(self) -> Feedback:
        return Feedback(self.world, self.calls)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.world)

    @cached_property
    def grid(self) -> Grid:
        return Grid(self.world, self.projects)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.world)

    @cached_property
    def warnings(self) -> Warnings:
        return Warnings(self.world, self.cases)

    @cached_property
    def patients(self) -> Patients:
        return Patients(self.world)

    @cached_property
    def youth(self) -> Youth:
        return Youth(self.world)

    @cached_property
    def hotline(self) -> Hotline:
        return Hotline(self.world)
