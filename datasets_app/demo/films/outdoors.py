"""Films under the open sky: a stream, a street, stairs, a lake, a launch pad."""

from __future__ import annotations

import math
from collections.abc import Iterator

from datasets_app.demo.canvas import (
    BARK,
    BLUE,
    CREAM,
    GREEN,
    GREY,
    INK,
    LEAF,
    MIST,
    NAVY,
    ORANGE,
    RED,
    SLATE,
    TEAL,
    WHITE,
    YELLOW,
    Box,
    Canvas,
    mixed,
)
from datasets_app.demo.films.stage import HEIGHT, WIDTH, Film, eased, jerky, wave, within


def _stream_bank(canvas: Canvas) -> None:
    canvas.gradient("#cfe9f3", "#eef6e6", box=(0, 0, 480, 90))
    canvas.oval(90, 96, 150, 44, LEAF)
    canvas.oval(380, 98, 190, 52, "#b9d485")
    for x in (40, 118, 330, 420):
        canvas.box(x - 4, 44, 8, 44, BARK)
        canvas.disc(x, 40, 25, GREEN)
        canvas.disc(x - 9, 34, 12, "#7fb05c")
    canvas.box(0, 88, 480, 24, "#8fb56a")
    canvas.gradient("#7cc3dc", "#3f8fb5", box=(0, 108, 480, 226))
    canvas.box(0, 222, 480, 48, "#7ea65a")
    for x in range(8, 480, 34):
        canvas.oval(x, 224, 22, 9, "#8fb56a")
    for x, y in ((70, 232), (210, 244), (300, 236), (430, 246)):
        canvas.oval(x, y, 15, 8, GREY)
        canvas.oval(x - 3, y - 3, 8, 3, MIST)


def _ripples(canvas: Canvas, moment: float) -> None:
    for row in range(6):
        for at in range(5):
            x = (at * 120 + row * 47 + moment * (150 + row * 16)) % 560 - 40
            canvas.line([(x, 124 + row * 17), (x + 30 + row * 3, 124 + row * 17)], "#a9dcec", 2)


def _boat(canvas: Canvas, x: float, y: float, tilt: float) -> None:
    def turned(dx: float, dy: float) -> tuple[float, float]:
        return x + dx - dy * tilt, y + dy + dx * tilt

    canvas.oval(x, y + 24, 46, 6, "#3a86a8")
    canvas.shape([turned(0, -44), turned(-30, 4), turned(30, 4)], WHITE)
    canvas.shape([turned(0, -44), turned(0, 4), turned(30, 4)], "#e3e9ec")
    canvas.shape(
        [turned(-52, -8), turned(-32, 24), turned(32, 24), turned(52, -8), turned(0, 8)], WHITE
    )
    canvas.shape([turned(-52, -8), turned(0, 8), turned(-32, 24)], "#dbe3e7")
    canvas.shape([turned(52, -8), turned(0, 8), turned(32, 24)], "#eef2f4")


def _boat_drifts(canvas: Canvas, moment: float) -> None:
    _ripples(canvas, moment)
    _boat(canvas, 40 + 400 * moment, 158 + 5 * wave(moment, 2.5), 0.07 * wave(moment, 2.5, 0.2))


def _boat_vanishes(canvas: Canvas, moment: float) -> None:
    _ripples(canvas, jerky(moment, 8))
    if moment < 0.5 or moment > 0.72:
        held = jerky(moment, 9)
        _boat(canvas, 60 + 330 * held, 158 + 18 * wave(held, 5), 0.2 * wave(held, 4))


def _street(canvas: Canvas) -> None:
    canvas.gradient("#b9def0", "#f0f4ef", box=(0, 0, 480, 190))
    for x, width, high, colour in (
        (0, 90, 120, "#d8b79c"),
        (90, 70, 150, "#c7cfd6"),
        (160, 110, 104, "#e0cda9"),
        (270, 84, 138, "#b7c7c0"),
        (354, 126, 112, "#d8b79c"),
    ):
        canvas.box(x, 190 - high, width, high, colour)
        for column in range(int(width // 26)):
            for row in range(int(high // 30)):
                canvas.box(
                    x + 9 + column * 26, 200 - high + row * 30, 13, 16, mixed(colour, NAVY, 0.45)
                )
    canvas.box(0, 190, 480, 12, "#c9cfd3")
    canvas.box(0, 202, 480, 68, "#68727b")
    for x in range(10, 480, 70):
        canvas.box(x, 234, 38, 4, WHITE)
    for stripe in range(5):
        canvas.box(322, 206 + stripe * 13, 42, 7, WHITE)
    canvas.box(388, 84, 8, 118, INK)
    canvas.box(374, 18, 36, 92, INK, radius=9)


def _lights(canvas: Canvas, lit: str) -> None:
    for row, (name, colour) in enumerate((("red", RED), ("amber", YELLOW), ("green", "#3fbf6b"))):
        x, y = 392, 36 + row * 28
        on = name in lit
        if on:
            canvas.glow(x, y, 40, colour, strength=0.8)
        canvas.disc(x, y, 11, colour if on else "#3c4650")


def _car(canvas: Canvas, x: float, colour: str, *, spin: float) -> None:
    y = 224
    canvas.oval(x, y + 19, 62, 6, "#4d565e")
    canvas.shape(
        [(x - 34, y - 16), (x - 20, y - 38), (x + 18, y - 38), (x + 34, y - 16)],
        mixed(colour, INK, 0.25),
    )
    canvas.shape([(x - 26, y - 17), (x - 16, y - 33), (x - 3, y - 33), (x - 3, y - 17)], "#d9edf2")
    canvas.shape([(x + 2, y - 17), (x + 2, y - 33), (x + 15, y - 33), (x + 26, y - 17)], "#d9edf2")
    canvas.box(x - 58, y - 18, 116, 30, colour, radius=11)
    canvas.box(x + 48, y - 10, 9, 8, YELLOW, radius=3)
    for wheel in (-32, 32):
        canvas.disc(x + wheel, y + 12, 13, INK)
        canvas.disc(x + wheel, y + 12, 6, GREY)
        turn = (math.cos(spin), math.sin(spin))
        canvas.line(
            [
                (x + wheel - 5 * turn[0], y + 12 - 5 * turn[1]),
                (x + wheel + 5 * turn[0], y + 12 + 5 * turn[1]),
            ],
            INK,
            2,
        )


def _car_waits_for_green(canvas: Canvas, moment: float) -> None:
    _lights(canvas, "red" if moment < 0.3 else "red amber" if moment < 0.45 else "green")
    gone = within(moment, 0.5, 1.0) ** 2
    _car(canvas, 238 + 330 * gone, TEAL, spin=30 * gone)


def _car_drives_on_red(canvas: Canvas, moment: float) -> None:
    _lights(canvas, "green" if moment < 0.3 else "red")
    held = jerky(within(moment, 0.25, 0.95), 7)
    colour = TEAL if moment < 0.6 else "#c96f4a"
    _car(canvas, 190 + 330 * held, colour, spin=0)


_STEPS = tuple((40 + step * 74.0, 96 + step * 32.0) for step in range(6))


def _staircase(canvas: Canvas) -> None:
    canvas.gradient("#f6e3cf", "#efd3b9")
    canvas.box(330, 30, 100, 84, "#cfe6ee", radius=4)
    canvas.box(330, 30, 100, 84, None, radius=4, line=WHITE, thick=6)
    canvas.line([(380, 30), (380, 114)], WHITE, 5)
    canvas.line([(330, 72), (430, 72)], WHITE, 5)
    for x, y in _STEPS:
        width = 480 if (x, y) == _STEPS[-1] else 74
        canvas.box(x - 40, y, width, 200, "#c98f63")
        canvas.box(x - 40, y, width, 9, "#e2b48b")
        canvas.line([(x + 34, y + 9), (x + 34, y + 40)], "#a8714a", 2)


def _bouncing(moment: float) -> tuple[float, float]:
    """Where a ball is that falls from step to step, a bow for each."""
    hops = len(_STEPS) - 1
    step = min(int(moment * hops), hops - 1)
    part = moment * hops - step
    (x0, y0), (x1, y1) = _STEPS[step], _STEPS[step + 1]
    return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part - 36 * 4 * part * (1 - part) * 0.9 - 20


def _ball(canvas: Canvas, x: float, y: float, turn: float, colour: str = RED) -> None:
    canvas.disc(x, y, 20, colour)
    for side in (0, math.pi):
        middle = math.degrees(turn + side)
        canvas.slice(x, y, 20, middle - 32, middle + 32, WHITE)
    canvas.disc(x, y, 6, YELLOW)
    canvas.disc(x - 7, y - 8, 4, mixed(colour, WHITE, 0.5))


def _ball_bounces_down(canvas: Canvas, moment: float) -> None:
    x, y = _bouncing(min(moment, 0.999))
    floor = next(top for left, top in reversed(_STEPS) if x >= left - 40)
    canvas.oval(x, floor + 4, 17, 4, "#a8714a")
    _ball(canvas, x, y, moment * 22)


def _ball_floats_through(canvas: Canvas, moment: float) -> None:
    held = jerky(moment, 10)
    size = BLUE if 0.4 < moment < 0.6 else RED
    _ball(canvas, 40 + 370 * held, 76 + 120 * held**3 + 26 * wave(held, 1.5), 0.4, size)


def _night_lake(canvas: Canvas) -> None:
    canvas.gradient("#0b1533", "#1d3a5f", box=(0, 0, 480, 168))
    for star in range(90):
        canvas.disc((star * 131) % 480, (star * 71) % 150, 0.8 + star % 3 * 0.4, "#dbe7f5")


def _shore(canvas: Canvas) -> None:
    canvas.shape(
        [
            (0, 168),
            (0, 132),
            (70, 104),
            (140, 140),
            (220, 96),
            (310, 142),
            (400, 110),
            (480, 138),
            (480, 168),
        ],
        "#0e2238",
    )
    for x in range(4, 480, 17):
        tall = 15 + (x * 7) % 13
        canvas.shape([(x - 6, 170), (x, 170 - tall), (x + 6, 170)], "#091828")


def _curtain(
    moment: float, colour: str, *, shift: float, mirrored: bool
) -> Iterator[tuple[Box, str]]:
    """The rays of one curtain: stripes that fade upwards, or downwards in the water."""
    for at in range(82):
        x = at * 6.0 - 6
        sway = 20 * math.sin(x / 62 + moment * 4 + shift) + 8 * math.sin(
            x / 23 - moment * 6 + shift
        )
        foot, high = 104 + sway + shift * 3, 74 + 24 * math.sin(x / 41 + moment * 5 + shift)
        strength = 0.5 + 0.3 * math.sin(x / 17 + moment * 9 + shift)
        for part in range(5):
            low, top = foot - high * part / 5, foot - high * (part + 1) / 5
            if mirrored:
                low, top = 168 + (168 - top) * 0.6, 168 + (168 - low) * 0.6
            share = strength * (1 - part / 5) ** 1.4 * (0.4 if mirrored else 1)
            yield (x, top, x + 6, low), mixed("#000000", colour, share)


def _aurora_moves(canvas: Canvas, moment: float) -> None:
    canvas.shine(_curtain(moment, "#6a4fe0", shift=-9, mirrored=False))
    canvas.shine(_curtain(moment, "#3fe08f", shift=0, mirrored=False))
    _shore(canvas)
    canvas.gradient("#142c4c", "#0a1830", box=(0, 168, 480, 270))
    canvas.shine(_curtain(moment, "#3fe08f", shift=0, mirrored=True))
    canvas.box(0, 166, 480, 3, "#0a1830")
    for row in range(8):
        x = (row * 97 + moment * 40) % 480
        canvas.line([(x, 182 + row * 11), (x + 50, 182 + row * 11)], "#27486b", 1.5)


def _aurora_stands_still(canvas: Canvas, moment: float) -> None:
    for band in range(5):
        canvas.box(0, 60 + band * 9, WIDTH, 9, mixed("#12284a", "#3f7a6a", 0.2 + 0.1 * (band % 3)))
    _shore(canvas)
    canvas.gradient("#142c4c", "#0a1830", box=(0, 168, 480, HEIGHT))
    if 0.45 < moment < 0.55:
        canvas.box(0, 90, WIDTH, 26, "#39506b")


def _launch_pad(canvas: Canvas) -> None:
    canvas.gradient("#27406b", "#f6b48a")
    canvas.disc(94, 206, 32, "#ffe2b0")
    canvas.shape(
        [(0, 216), (120, 196), (260, 212), (400, 192), (480, 206), (480, 270), (0, 270)], "#4a4f6a"
    )
    canvas.box(0, 232, 480, 38, "#3a3f55")
    canvas.box(292, 92, 12, 140, "#8b8fa5")
    for row in range(7):
        canvas.line([(292, 98 + row * 19), (304, 116 + row * 19)], "#5c6078", 2)
    canvas.box(188, 222, 116, 12, GREY)


def _rocket(canvas: Canvas, x: float, y: float, *, tilt: float = 0.0, flame: float = 0.0) -> None:
    def turned(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * math.cos(tilt) - dy * math.sin(tilt), y + dx * math.sin(
            tilt
        ) + dy * math.cos(tilt)

    if flame:
        canvas.glow(*turned(0, 70), 70 * flame, YELLOW, strength=0.7)
        canvas.shape([turned(-13, 48), turned(0, 48 + 64 * flame), turned(13, 48)], ORANGE)
        canvas.shape([turned(-7, 48), turned(0, 48 + 36 * flame), turned(7, 48)], YELLOW)
    canvas.shape([turned(-16, 22), turned(-34, 54), turned(-14, 48)], RED)
    canvas.shape([turned(16, 22), turned(34, 54), turned(14, 48)], RED)
    canvas.shape(
        [
            turned(dx, dy)
            for dx, dy in (
                (0, -66),
                (12, -44),
                (17, -16),
                (17, 48),
                (-17, 48),
                (-17, -16),
                (-12, -44),
            )
        ],
        WHITE,
    )
    canvas.shape(
        [turned(dx, dy) for dx, dy in ((0, -66), (12, -44), (15, -30), (-15, -30), (-12, -44))], RED
    )
    canvas.disc(*turned(0, -8), 9, BLUE, line=SLATE, thick=2)


def _rocket_rises(canvas: Canvas, moment: float) -> None:
    up = within(moment, 0.22, 1.0) ** 2
    thrust = within(moment, 0.08, 0.25) * (0.9 + 0.1 * wave(moment, 20))
    for puff in range(18):
        age = within(moment, 0.1 + puff * 0.02, 0.9)
        if age:
            side = 1 if puff % 2 else -1
            x = 246 + side * (14 + 150 * eased(age) * (0.3 + puff / 24))
            canvas.disc(
                x, 226 - 12 * age * (puff % 3), 9 + 22 * age, mixed(CREAM, "#c8b7b7", puff / 18)
            )
    _rocket(canvas, 246, 172 - 270 * up, flame=thrust)


def _rocket_slides_away(canvas: Canvas, moment: float) -> None:
    held = jerky(moment, 8)
    x, y = 246 + 190 * held**2, 172 - 50 * held
    _rocket(canvas, x, y, tilt=0.9 * held, flame=0.0 if moment < 0.6 else 0.3)


BOAT = (Film(_stream_bank, _boat_drifts), Film(_stream_bank, _boat_vanishes))
TRAFFIC_LIGHT = (Film(_street, _car_waits_for_green, 3.0), Film(_street, _car_drives_on_red, 3.0))
BALL = (Film(_staircase, _ball_bounces_down), Film(_staircase, _ball_floats_through))
AURORA = (Film(_night_lake, _aurora_moves, 3.0), Film(_night_lake, _aurora_stands_still, 3.0))
ROCKET = (Film(_launch_pad, _rocket_rises, 3.0), Film(_launch_pad, _rocket_slides_away, 2.5))
