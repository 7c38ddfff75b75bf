"""The product's settings without the middleware that reads bodies to their end."""

from __future__ import annotations

from config.settings import *  # noqa: F403  everything else is as it is
from config.settings import MIDDLEWARE

MIDDLEWARE = [each for each in MIDDLEWARE if not each.endswith("ReadToTheEnd")]
