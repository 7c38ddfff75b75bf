"""What a film is made of: a backdrop, drawn once, and a scene drawn over it at each moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from datasets_app.demo.canvas import Canvas

WIDTH, HEIGHT = 480, 270
RATE = 24


@dataclass(frozen=True, slots=True)
class Film:
    """`backdrop` paints what never moves, `scene` the rest at a moment 0-1 of the film."""

    backdrop: Callable[[Canvas], None]
    scene: Callable[[Canvas, float], None]
    seconds: float = 2.5

    def frames(self) -> Iterator[Image.Image]:
        """Yield the finished frames, in order."""
        ground = Canvas(WIDTH, HEIGHT)
        self.backdrop(ground)
        count = round(self.seconds * RATE)
        for at in range(count):
            canvas = Canvas.over(ground.draft)
            self.scene(canvas, at / (count - 1))
            yield canvas.finished()


def eased(moment: float) -> float:
    """Return a moment that begins and ends slowly."""
    return moment * moment * (3 - 2 * moment)


def within(moment: float, start: float, end: float) -> float:
    """Return how far a moment lies between two others, 0 before and 1 after."""
    return min(1.0, max(0.0, (moment - start) / (end - start)))


def jerky(moment: float, steps: int) -> float:
    """Return a moment as a film shows it that stutters: held, caught up, now and then slipping."""
    held = math.floor(moment * steps) / steps
    return max(0.0, held - (0.05 if math.floor(moment * steps) % 3 == 2 else 0))


def wave(moment: float, times: float, shift: float = 0.0) -> float:
    """Return a swing from -1 to 1, so many times in a film."""
    return math.sin(2 * math.pi * (times * moment + shift))
