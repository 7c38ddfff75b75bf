"""What the roof keeps for itself: signs of life, who is signed in, how alike people judge."""

from __future__ import annotations

from config.models.agreement import Agreement, Comparison
from config.models.heartbeat import Heartbeat
from config.models.session import Session

__all__ = ["Agreement", "Comparison", "Heartbeat", "Session"]
