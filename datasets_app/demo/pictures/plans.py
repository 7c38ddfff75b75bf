"""Plans seen from above, and things on a shelf."""

from __future__ import annotations

import math

from datasets_app.demo.canvas import (
    BARK,
    BLUE,
    CREAM,
    DEEP,
    GREEN,
    INK,
    LEAF,
    MIST,
    NAVY,
    ORANGE,
    PAPER,
    RED,
    SAND,
    SKY,
    SLATE,
    TEAL,
    WHITE,
    WINE,
    WOOD,
    YELLOW,
    Canvas,
    Point,
    length,
    mixed,
)


def rack() -> Canvas:
    """The plan of a firm's network: internet, firewall, servers."""
    canvas = Canvas(940, 640, "#f2f5f7")
    for x in range(20, 940, 40):
        canvas.line([(x, 20), (x, 620)], "#e6ebee", 1)
    for y in range(20, 640, 40):
        canvas.line([(20, y), (920, y)], "#e6ebee", 1)
    canvas.text(44, 34, "Network, Harbour Street office", 28, NAVY, bold=True)
    canvas.text(44, 74, "internal · as of last spring", 17, SLATE)
    for x, y, radius in ((108, 300, 44), (152, 276, 52), (200, 302, 42), (150, 316, 46)):
        canvas.disc(x, y, radius, SKY)
    canvas.text(152, 298, "internet", 20, DEEP, anchor="mm", bold=True)
    canvas.arrow((242, 300), (316, 300), SLATE, 4)
    canvas.box(322, 220, 76, 160, RED, radius=6)
    for row in range(6):
        canvas.line([(322, 246 + row * 24), (398, 246 + row * 24)], "#b8432f", 3)
        for at in (340, 372) if row % 2 else (356,):
            canvas.line([(at, 222 + row * 24), (at, 246 + row * 24)], "#b8432f", 3)
    canvas.text(360, 404, "firewall", 19, WINE, anchor="mm", bold=True)
    canvas.box(322, 432, 160, 50, YELLOW, radius=8)
    canvas.text(402, 457, "VPN · open to staff", 16, INK, anchor="mm")
    canvas.line([(398, 300), (470, 300)], SLATE, 4)
    canvas.box(470, 276, 110, 48, NAVY, radius=8)
    canvas.text(525, 300, "switch", 19, WHITE, anchor="mm")
    for at, (name, colour) in enumerate(
        (("files", TEAL), ("mail", BLUE), ("salaries", ORANGE), ("backup", GREEN))
    ):
        y = 96 + at * 130
        canvas.line([(580, 300), (630, 300), (630, y + 50), (672, y + 50)], SLATE, 3)
        _server(canvas, 672, y, name, colour)
    return canvas


def _server(canvas: Canvas, x: float, y: float, name: str, colour: str) -> None:
    canvas.shadow(x, y, 220, 100, radius=8)
    canvas.box(x, y, 220, 100, INK, radius=8)
    for row in range(3):
        canvas.box(x + 10, y + 10 + row * 28, 120, 22, "#3a4a58", radius=4)
        for light in range(3):
            canvas.disc(
                x + 24 + light * 14, y + 21 + row * 28, 4, (LEAF, LEAF, YELLOW)[(row + light) % 3]
            )
        canvas.line([(x + 72, y + 21 + row * 28), (x + 120, y + 21 + row * 28)], "#566676", 3)
    canvas.box(x + 142, y + 10, 66, 78, colour, radius=6)
    canvas.text(x + 175, y + 49, name, 16, WHITE, anchor="mm", bold=True)


_ROADS: tuple[list[Point], ...] = (
    [(0, 330), (940, 280)],
    [(420, 0), (460, 700)],
    [(700, 0), (660, 420)],
    [(0, 470), (460, 440), (940, 470)],
    [(200, 260), (230, 460)],
)
_HOUSES = (
    (500, 60, 70, 60),
    (590, 70, 60, 90),
    (500, 160, 120, 70),
    (740, 60, 140, 80),
    (740, 170, 90, 70),
    (280, 350, 90, 60),
    (60, 370, 120, 60),
    (520, 330, 90, 60),
    (760, 330, 120, 60),
)
# Corners of the runs, along the roads of the map and the paths of its parks.
_WEEKDAY: list[Point] = [
    (560, 300), (452, 305), (437, 140), (300, 60), (180, 176), (90, 110), (120, 40), (270, 60),
    (437, 150),
]  # fmt: skip
_SUNDAY: list[Point] = [
    (560, 300), (668, 300), (662, 440), (740, 520), (850, 600), (700, 650), (600, 560), (560, 456),
    (456, 450), (452, 305),
]  # fmt: skip


def jogging_map() -> Canvas:
    """A week of somebody's runs on a map, with times."""
    canvas = Canvas(940, 700, "#eceadf")
    _town(canvas)
    canvas.line(_WEEKDAY, RED, 7)
    canvas.line(_SUNDAY, BLUE, 7)
    _pin(canvas, 560, 300, RED)
    for x, y, words, colour in (
        (316, 40, "Tue, Thu 6:30 p.m.", RED),
        (720, 668, "Sun 9:00 a.m.", BLUE),
        (590, 262, "start, home", INK),
    ):
        canvas.box(x - 9, y - 17, length(words, 19) + 20, 34, WHITE, radius=8)
        canvas.text(x, y, words, 19, colour, anchor="lm", bold=True)
    canvas.box(150, 180, 26, 22, ORANGE, radius=3)
    canvas.text(163, 212, "kiosk", 15, BARK, anchor="ma")
    canvas.shadow(30, 590, 250, 84, radius=12)
    canvas.box(30, 590, 250, 84, WHITE, radius=12)
    canvas.text(50, 616, "RunMate · this week", 19, TEAL, anchor="lm", bold=True)
    canvas.text(50, 646, "3 runs · 27.4 km · public", 18, SLATE, anchor="lm")
    return canvas


def _town(canvas: Canvas) -> None:
    """Two parks, a pond, a river, roads and houses."""
    canvas.shape([(0, 0), (300, 0), (260, 190), (90, 250), (0, 220)], "#cfe3bf")
    canvas.oval(180, 110, 78, 44, SKY)
    upper: list[Point] = [(0, 560), (160, 520), (330, 600), (540, 556), (720, 590), (940, 560)]
    canvas.shape([*upper, *((x, y + 44) for x, y in reversed(upper))], SKY)
    canvas.shape([(560, 420), (940, 360), (940, 700), (520, 700)], "#cfe3bf")
    for at in range(60):
        canvas.disc(590 + (at * 97) % 330, 450 + (at * 61) % 230, 7, "#b4d29d")
    for colour, width in (("#cdc8b6", 24), (WHITE, 18)):
        for road in _ROADS:
            canvas.line(road, colour, width)
    for x, y, across, deep in _HOUSES:
        canvas.box(x, y, across, deep, "#dcd5c4", radius=4)


def _pin(canvas: Canvas, x: float, y: float, colour: str) -> None:
    canvas.shape([(x - 17, y - 36), (x + 17, y - 36), (x, y)], colour)
    canvas.disc(x, y - 42, 20, colour)
    canvas.disc(x, y - 42, 8, WHITE)


def camera_plan() -> Canvas:
    """Two gardens from above, and what a camera on the wall would see of them."""
    canvas = Canvas(900, 680, "#d5e6c3")
    for at in range(260):
        x, y = (at * 157) % 900, (at * 89) % 560
        canvas.line([(x, y), (x + 3, y - 7)], "#c0d8a9", 2)
    canvas.box(0, 560, 900, 50, "#d9d4c8")
    canvas.box(0, 610, 900, 70, "#7d868e")
    for x in range(20, 900, 90):
        canvas.box(x, 641, 46, 7, WHITE)
    canvas.text(24, 585, "pavement", 18, SLATE, anchor="lm")
    _roof(canvas, 60, 90, 300, 230, "#c8705a")
    _roof(canvas, 600, 60, 250, 220, "#8c8f99")
    canvas.text(210, 205, "my house", 24, WHITE, anchor="mm", bold=True)
    canvas.text(725, 170, "neighbour", 24, WHITE, anchor="mm", bold=True)
    canvas.box(610, 290, 220, 130, SAND)
    for x in range(650, 830, 44):
        canvas.line([(x, 290), (x, 420)], "#d3b594", 2)
    canvas.disc(690, 356, 30, WOOD)
    for x, y in ((640, 356), (740, 356), (690, 308), (690, 404)):
        canvas.disc(x, y, 13, BARK)
    canvas.disc(790, 330, 34, RED)
    canvas.disc(790, 330, 26, WHITE)
    canvas.disc(790, 330, 18, RED)
    canvas.text(718, 440, "terrace", 18, BARK, anchor="ma")
    for bush in range(14):
        canvas.disc(484 + (bush % 2) * 10, 44 + bush * 38, 25, GREEN)
        canvas.disc(478 + (bush % 2) * 12, 38 + bush * 38, 12, LEAF)
    corner = (362, 322)
    reach = [
        (
            corner[0] + 430 * math.cos(math.radians(turn)),
            corner[1] + 430 * math.sin(math.radians(turn)),
        )
        for turn in range(-14, 47, 3)
    ]
    canvas.veil([corner, *reach], YELLOW, strength=0.5)
    for end in (reach[0], reach[-1]):
        canvas.dashes(corner, end, ORANGE, 3, 9)
    canvas.disc(*corner, 15, INK)
    canvas.disc(*corner, 6, RED)
    canvas.text(268, 352, "camera", 20, INK, anchor="ma", bold=True)
    return canvas


def _roof(canvas: Canvas, x: float, y: float, width: float, high: float, colour: str) -> None:
    canvas.shadow(x, y, width, high, radius=4)
    canvas.box(x, y, width, high, colour)
    middle = y + high / 2
    canvas.shape(
        [(x, y), (x + 60, middle), (x + width - 60, middle), (x + width, y)],
        mixed(colour, WHITE, 0.14),
    )
    canvas.line([(x + 60, middle), (x + width - 60, middle)], INK, 2)
    for corner in ((x, y), (x, y + high)):
        canvas.line([corner, (x + 60, middle)], INK, 2)
        canvas.line([(x + width, corner[1]), (x + width - 60, middle)], INK, 2)


def goldfish() -> Canvas:
    """A goldfish in a small bowl on a shelf, with a price tag."""
    canvas = Canvas(820, 640, "#f4dfc9")
    canvas.gradient("#f8e8d6", "#efd2b6")
    for x in range(40, 820, 120):
        for y in range(40, 460, 110):
            canvas.disc(x + (y // 110 % 2) * 60, y, 5, "#eccdb0")
    canvas.box(0, 500, 820, 32, WOOD)
    canvas.box(0, 532, 820, 12, BARK)
    canvas.box(0, 544, 820, 96, "#e6c4a4")
    _books(canvas, 560, 500)
    canvas.oval(300, 500, 150, 14, "#96714f")
    canvas.disc(300, 350, 160, "#e3f3f7")
    canvas.slice(300, 350, 150, 0, 180, "#8fcbdd")
    canvas.box(150, 316, 300, 36, "#8fcbdd")
    canvas.oval(300, 318, 148, 18, "#b5e0ec")
    for pebble in range(22):
        canvas.oval(
            208 + pebble * 9,
            476 + (pebble * 5) % 9 - abs(pebble - 11) * 1.6,
            9,
            7,
            (SAND, "#d8a48f", "#c9b79c")[pebble % 3],
        )
    for stem in (232, 246):
        canvas.line([(stem, 470), (stem - 8, 430), (stem + 6, 392), (stem - 2, 360)], GREEN, 7)
    _fish(canvas, 318, 392)
    for x, y, size in ((392, 372, 5), (402, 350, 7), (396, 328, 4)):
        canvas.disc(x, y, size, "#d9f1f7")
    canvas.arc(300, 350, 152, 190, 250, WHITE, 7)
    canvas.oval(300, 208, 86, 13, None, line="#c5e3ea", thick=6)
    canvas.box(410, 428, 118, 62, YELLOW, radius=6)
    canvas.disc(424, 459, 5, "#f4dfc9")
    canvas.text(476, 448, "starter bowl", 15, INK, anchor="mm")
    canvas.text(476, 472, "4 litres", 19, WINE, anchor="mm", bold=True)
    return canvas


def _fish(canvas: Canvas, x: float, y: float) -> None:
    canvas.shape([(x - 44, y), (x - 92, y - 34), (x - 78, y), (x - 92, y + 34)], "#f28c38")
    canvas.shape([(x - 14, y - 26), (x + 20, y - 54), (x + 30, y - 24)], "#f28c38")
    canvas.oval(x, y, 56, 34, ORANGE)
    canvas.oval(x + 4, y + 12, 42, 18, "#f8bb86")
    canvas.arc(x + 6, y, 26, -60, 60, "#e07b2a", 3)
    canvas.disc(x + 36, y - 8, 9, WHITE)
    canvas.disc(x + 38, y - 8, 5, INK)


def _books(canvas: Canvas, x: float, floor: float) -> None:
    for width, high, colour in (
        (34, 150, TEAL),
        (26, 176, WINE),
        (40, 138, NAVY),
        (30, 162, YELLOW),
        (36, 146, GREEN),
    ):
        canvas.box(x, floor - high, width, high, colour, radius=3)
        canvas.box(x + 6, floor - high + 18, width - 12, 8, CREAM)
        canvas.box(x + 6, floor - 34, width - 12, 5, CREAM)
        x += width + 3


def cleaning_shelf() -> Canvas:
    """Four bottles of cleaning products in a cupboard, with what is in them."""
    canvas = Canvas(900, 640, "#cbd8d2")
    canvas.box(40, 30, 820, 580, "#f3efe6", radius=8)
    canvas.box(60, 50, 780, 540, "#ddd6c6")
    canvas.gradient("#d3cbb9", "#e6dfd0", box=(60, 50, 840, 500))
    canvas.box(60, 500, 780, 24, WOOD)
    canvas.box(60, 524, 780, 8, BARK)
    for at, (name, what, colour, cap) in enumerate(
        (
            ("WhiteMax", "chlorine bleach", BLUE, WHITE),
            ("Limefree", "vinegar cleaner", GREEN, YELLOW),
            ("Crystal", "glass, with ammonia", "#8f6fb0", MIST),
            ("DrainGo", "caustic soda", RED, INK),
        )
    ):
        _bottle(canvas, 150 + at * 180, 500, (name, what), colour, cap)
    canvas.box(70, 548, 90, 40, YELLOW, radius=8)
    canvas.box(70, 548, 90, 12, GREEN, radius=6)
    return canvas


def _bottle(
    canvas: Canvas, x: float, floor: float, words: tuple[str, str], colour: str, cap: str
) -> None:
    canvas.oval(x, floor, 78, 9, "#b9b09c")
    canvas.box(x - 22, floor - 330, 44, 52, cap, radius=8)
    canvas.shape(
        [
            (x - 24, floor - 282),
            (x + 24, floor - 282),
            (x + 66, floor - 226),
            (x - 66, floor - 226),
        ],
        colour,
    )
    canvas.box(x - 66, floor - 240, 132, 240, colour, radius=20)
    canvas.box(x - 56, floor - 40, 12, 26, mixed(colour, WHITE, 0.5), radius=6)
    canvas.line([(x - 48, floor - 218), (x - 20, floor - 268)], mixed(colour, WHITE, 0.5), 8)
    canvas.box(x - 62, floor - 206, 124, 150, PAPER, radius=8)
    canvas.text(x, floor - 178, words[0], 23, colour, anchor="mm", bold=True)
    for row, part in enumerate(words[1].split(", ")):
        canvas.text(x, floor - 150 + row * 20, part, 15, INK, anchor="mm")
    canvas.shape([(x, floor - 116), (x + 27, floor - 68), (x - 27, floor - 68)], YELLOW)
    canvas.text(x, floor - 84, "!", 28, INK, anchor="mm", bold=True)
