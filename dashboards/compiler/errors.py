"""What can go wrong with pages, in one line for the user."""


class DashboardError(RuntimeError):
    """A page or the server cannot do what was asked; the text says what and where."""


class SpecificationError(DashboardError):
    """A page that cannot be compiled; the text names the file and the place in it."""


class SupersetRefused(DashboardError):
    """Superset answered with an error, or not at all; the text holds method, path and message."""
