"""A sheet to draw flat pictures on: smooth edges, one palette, the font that Pillow brings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

# Drawn larger and made smaller at the end, which is what makes the edges smooth.
_FINER = 2

INK = "#22313f"
NAVY = "#264653"
SLATE = "#5b6b79"
GREY = "#9aa7b2"
MIST = "#dfe6ea"
PAPER = "#fbf8f1"
CREAM = "#f3ead9"
WHITE = "#ffffff"
TEAL = "#2a9d8f"
GREEN = "#6a994e"
LEAF = "#a7c957"
SKY = "#a9d6e5"
BLUE = "#3a86c8"
DEEP = "#14506e"
YELLOW = "#f2c14e"
ORANGE = "#f4a261"
RED = "#d9573f"
WINE = "#9b2f3b"
PINK = "#f2b5a7"
SAND = "#e6ccb2"
WOOD = "#b08968"
BARK = "#7f5539"
SKIN = "#e8b896"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font in a size; it lies inside the package, the same everywhere."""
    found = ImageFont.load_default(size=size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return found


class Canvas:
    """A picture in the making. All lengths are in pixels of the finished picture."""

    def __init__(self, width: int, height: int, ground: str = PAPER) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * _FINER, height * _FINER), ground)
        self._draw = ImageDraw.Draw(self._image)

    @classmethod
    def over(cls, picture: Image.Image) -> Canvas:
        """Return a canvas that begins with a copy of another one's `draft`."""
        canvas = cls.__new__(cls)
        canvas.width, canvas.height = (side // _FINER for side in picture.size)
        canvas._image = picture.copy()
        canvas._draw = ImageDraw.Draw(canvas._image)
        return canvas

    @property
    def draft(self) -> Image.Image:
        """What is drawn so far, in its finer form."""
        return self._image

    def finished(self) -> Image.Image:
        """Return the picture in its own size."""
        return self._image.reduce(_FINER)

    def gradient(self, top: str, bottom: str, *, box: Box | None = None) -> None:
        """Fill the whole, or a box, from one colour to another, downwards."""
        x0, y0, x1, y1 = _scaled(box or (0, 0, self.width, self.height))
        column = Image.new("RGB", (1, 2))
        column.putdata([_rgb(top), _rgb(bottom)])
        # Bilinear samples pixel centres: a quarter and three quarters of the way down.
        size = (round(x1 - x0), round(y1 - y0))
        fade = column.resize((1, size[1]), Image.Resampling.BILINEAR).resize(size)
        self._image.paste(fade, (round(x0), round(y0)))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None = None,
        *,
        radius: float = 0,
        line: str | None = None,
        thick: float = 0,
    ) -> None:
        """Draw a rectangle, with round corners if `radius` says so."""
        self._draw.rounded_rectangle(
            _scaled((x, y, x + width, y + height)),
            radius * _FINER,
            fill,
            line,
            round(thick * _FINER),
        )

    def shadow(self, x: float, y: float, width: float, height: float, *, radius: float = 6) -> None:
        """Lay a soft shadow for a box that is drawn over it afterwards."""
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).rounded_rectangle(
            _scaled((x + 2, y + 6, x + width + 2, y + height + 6)), radius * _FINER, 70
        )
        soft = mask.reduce(4).filter(ImageFilter.GaussianBlur(4)).resize(mask.size)
        self._image.paste(Image.new("RGB", mask.size, INK), mask=soft)

    def glow(
        self, x: float, y: float, radius: float, colour: str, *, strength: float = 0.5
    ) -> None:
        """Lay a round light that fades outwards; `strength` 0-1 is what its middle covers."""
        side = max(2, round(radius * _FINER / 4))
        mask = Image.radial_gradient("L").resize((2 * side, 2 * side))
        # 0 in the middle, 255 in the corners: beyond 180 lies outside of the circle.
        mask = mask.point(
            [round(max(0, 1 - value / 180) ** 2 * 255 * strength) for value in range(256)]
        )
        mask = mask.resize((8 * side, 8 * side), Image.Resampling.BILINEAR)
        corner = (round(x * _FINER) - 4 * side, round(y * _FINER) - 4 * side)
        self._image.paste(Image.new("RGB", mask.size, colour), corner, mask)

    def shine(self, stripes: Iterable[tuple[Box, str]], *, soft: float = 2) -> None:
        """Add the light of coloured boxes, blurred into one another, to what lies below."""
        coarse = 8
        wide, high = self._image.size
        light = Image.new("RGB", (wide // coarse, high // coarse))
        pen = ImageDraw.Draw(light)
        for box, colour in stripes:
            pen.rectangle([side * _FINER / coarse for side in box], colour)
        light = light.filter(ImageFilter.GaussianBlur(soft))
        light = light.resize(self._image.size, Image.Resampling.BILINEAR)
        self._image.paste(ImageChops.screen(self._image, light))

    def veil(self, points: Sequence[Point], colour: str, *, strength: float) -> None:
        """Cover a polygon with a colour that lets through what lies below; `strength` is 0-1."""
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon(_flat(points), round(255 * strength))
        self._image.paste(Image.new("RGB", mask.size, colour), mask=mask)

    def oval(
        self, x: float, y: float, across: float, high: float, fill: str | None = None,
        *, line: str | None = None, thick: float = 0,
    ) -> None:  # fmt: skip
        """Draw an ellipse around its middle; `across` and `high` are its radii."""
        self._draw.ellipse(
            _scaled((x - across, y - high, x + across, y + high)), fill, line, round(thick * _FINER)
        )

    def disc(self, x: float, y: float, radius: float, fill: str | None = None, *,
             line: str | None = None, thick: float = 0) -> None:  # fmt: skip
        """Draw a circle around its middle."""
        self.oval(x, y, radius, radius, fill, line=line, thick=thick)

    def slice(self, x: float, y: float, radius: float, start: float, end: float, fill: str) -> None:
        """Draw a piece of a disc between two angles in degrees, clockwise from three o'clock."""
        area = _scaled((x - radius, y - radius, x + radius, y + radius))
        self._draw.pieslice(area, start, end, fill)

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, colour: str, thick: float
    ) -> None:
        """Draw a piece of a circle's line, angles as in `slice`."""
        area = _scaled((x - radius, y - radius, x + radius, y + radius))
        self._draw.arc(area, start, end, colour, round(thick * _FINER))

    def shape(self, points: Iterable[Point], fill: str) -> None:
        """Draw a filled polygon."""
        self._draw.polygon(_flat(points), fill)

    def line(self, points: Sequence[Point], colour: str, thick: float = 2) -> None:
        """Draw a line through points, with round ends and bends."""
        width = max(1, round(thick * _FINER))
        self._draw.line(_flat(points), colour, width, joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, thick / 2, colour)

    def dashes(
        self, start: Point, end: Point, colour: str, thick: float = 2, dash: float = 10
    ) -> None:
        """Draw a dashed line."""
        length = math.dist(start, end)
        along = [(end[0] - start[0]) / length, (end[1] - start[1]) / length]
        for at in range(0, int(length), int(dash * 2)):
            stop = min(at + dash, length)
            self.line(
                [(start[0] + along[0] * d, start[1] + along[1] * d) for d in (at, stop)],
                colour,
                thick,
            )

    def arrow(self, start: Point, end: Point, colour: str, thick: float = 3) -> None:
        """Draw a line with a head at its end."""
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        size = thick * 4
        wings = [
            (end[0] - size * math.cos(angle + turn), end[1] - size * math.sin(angle + turn))
            for turn in (0.45, -0.45)
        ]
        self.line([start, end], colour, thick)
        self.shape([end, *wings], colour)

    def text(
        self, x: float, y: float, words: str, size: float = 20, colour: str = INK, *,
        anchor: str = "la", bold: bool = False,
    ) -> None:  # fmt: skip
        """Write one line; `anchor` is Pillow's, such as "mm" for its middle. Bold is a stroke."""
        self._draw.text(
            (x * _FINER, y * _FINER),
            words,
            colour,
            font(round(size * _FINER)),
            anchor,
            stroke_width=round(size * _FINER / 34) if bold else 0,
            stroke_fill=colour,
        )

    def paragraph(
        self, x: float, y: float, words: str, width: float, size: float = 18, colour: str = INK,
        *, leading: float = 1.35, bold: bool = False,
    ) -> float:  # fmt: skip
        """Write text broken to a width; "\\n" begins a line. Return where the next one would be."""
        for part in words.split("\n"):
            for row in _broken(part, width, size):
                self.text(x, y, row, size, colour, bold=bold)
                y += size * leading
        return y

    def scribble(self, x: float, y: float, width: float, lines: int, *, colour: str = GREY,
                 gap: float = 16, thick: float = 3) -> None:  # fmt: skip
        """Draw grey strokes where text would be that nobody needs to read."""
        for row in range(lines):
            share = 0.62 if row == lines - 1 else 0.9 + 0.1 * ((row * 7) % 3 == 0)
            self.line([(x, y + row * gap), (x + width * share, y + row * gap)], colour, thick)


def length(words: str, size: float) -> float:
    """Return how wide a line of text is."""
    return font(round(size * _FINER)).getlength(words) / _FINER


def mixed(one: str, other: str, share: float) -> str:
    """Return the colour that lies between two; `share` is how much of the other, 0-1."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _broken(words: str, width: float, size: float) -> list[str]:
    rows = [""]
    for word in words.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and length(longer, size) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _scaled(box: Box) -> Box:
    x0, y0, x1, y1 = (side * _FINER for side in box)
    # Pillow includes the last pixel; ours is where the next one begins.
    return x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)


def _flat(points: Iterable[Point]) -> list[Point]:
    return [(x * _FINER, y * _FINER) for x, y in points]
