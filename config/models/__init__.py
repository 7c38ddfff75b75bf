"""What the roof keeps for itself: signs of life, and who is signed in."""

from __future__ import annotations

from config.models.heartbeat import Heartbeat
from config.models.session import Session

__all__ = ["Heartbeat", "Session"]
