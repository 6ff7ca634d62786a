"""One delivery from its arrival to its receipt. See README.md."""

from ingestion.delivery.deliver import deliver
from ingestion.delivery.receipt import Receipt

__all__ = ["Receipt", "deliver"]
