"""Posters, signs and letterings: what somebody put up for others to read."""

from __future__ import annotations

import math

from datasets_app.demo.canvas import (
    BARK,
    BLUE,
    CREAM,
    DEEP,
    GREEN,
    GREY,
    INK,
    LEAF,
    MIST,
    NAVY,
    ORANGE,
    PAPER,
    RED,
    SKY,
    SLATE,
    TEAL,
    WHITE,
    WINE,
    WOOD,
    YELLOW,
    Canvas,
)


def hot_car() -> Canvas:
    """A poster: a dog in a parked car, and how fast the car heats up."""
    canvas = Canvas(720, 900, "#ffe3b8")
    canvas.gradient("#ffd58a", "#ffefd6", box=(0, 0, 720, 560))
    for ray in range(16):
        angle = ray * math.pi / 8
        ends = [
            (560 + r * math.cos(angle), 150 + r * math.sin(angle))
            for r in (112, 142 + ray % 2 * 18)
        ]
        canvas.line(ends, ORANGE, 9)
    canvas.disc(560, 150, 92, "#f9a826")
    canvas.text(48, 60, "NOT EVEN", 62, WINE, bold=True)
    canvas.text(48, 128, "FOR FIVE", 62, WINE, bold=True)
    canvas.text(48, 196, "MINUTES", 62, WINE, bold=True)
    canvas.box(0, 540, 720, 60, "#8d99a6")
    canvas.box(0, 540, 720, 8, SLATE)
    _car(canvas, 92, 330)
    canvas.shadow(40, 640, 640, 220, radius=18)
    canvas.box(40, 640, 640, 220, PAPER, radius=18)
    canvas.text(66, 660, "Inside a closed car, at 24 °C outside", 21, INK, bold=True)
    left, base = 96, 814
    for row in range(3):
        mark = base - row * 46
        canvas.line([(left, mark), (640, mark)], MIST, 1.5)
        canvas.text(left - 10, mark, f"{25 + row * 10}°", 15, SLATE, anchor="rm")
    curve = [(0, 24), (10, 29.5), (20, 33), (30, 35), (45, 38.5), (60, 41)]
    points = [(left + minutes * 8.6, base - (degrees - 25) * 4.6) for minutes, degrees in curve]
    canvas.line(points, RED, 6)
    for (minutes, degrees), (x, y) in zip(curve, points, strict=True):
        canvas.disc(x, y, 7, WHITE, line=RED, thick=3)
        if minutes in (10, 30, 60):
            canvas.text(x, y - 15, f"{degrees:.0f} °C", 16, WINE, anchor="mb", bold=True)
        canvas.text(x, base + 12, f"{minutes} min", 14, SLATE, anchor="mt")
    return canvas


def _car(canvas: Canvas, x: float, y: float) -> None:
    canvas.oval(x + 270, y + 236, 300, 16, "#6f7b87")
    canvas.shape(
        [(x + 96, y + 100), (x + 160, y + 8), (x + 380, y + 8), (x + 452, y + 100)], "#2f7f95"
    )
    canvas.box(x, y + 92, 540, 112, TEAL, radius=34)
    canvas.box(x, y + 150, 540, 20, "#23867a")
    canvas.shape(
        [(x + 124, y + 96), (x + 172, y + 26), (x + 256, y + 26), (x + 256, y + 96)], "#d8eef2"
    )
    canvas.shape(
        [(x + 276, y + 26), (x + 368, y + 26), (x + 420, y + 96), (x + 276, y + 96)], "#d8eef2"
    )
    _dog(canvas, x + 330, y + 62)
    canvas.box(x + 4, y + 112, 30, 22, YELLOW, radius=8)
    canvas.box(x + 512, y + 112, 26, 22, RED, radius=8)
    canvas.box(x + 214, y + 116, 34, 8, "#1f6f66", radius=4)
    for wheel in (116, 424):
        canvas.disc(x + wheel, y + 200, 46, INK)
        canvas.disc(x + wheel, y + 200, 24, GREY)
        canvas.disc(x + wheel, y + 200, 8, INK)


def _dog(canvas: Canvas, x: float, y: float) -> None:
    canvas.oval(x + 4, y + 30, 34, 26, BARK)
    canvas.disc(x, y, 27, WOOD)
    canvas.oval(x - 24, y + 4, 10, 22, BARK)
    canvas.oval(x + 24, y + 4, 10, 22, BARK)
    canvas.oval(x, y + 12, 14, 11, CREAM)
    canvas.oval(x, y + 6, 6, 4.5, INK)
    canvas.disc(x - 10, y - 5, 3.5, INK)
    canvas.disc(x + 10, y - 5, 3.5, INK)
    canvas.box(x - 5, y + 18, 10, 18, "#e9788a", radius=5)
    canvas.box(x - 44, y + 34, 88, 6, "#23867a")


def thin_ice() -> Canvas:
    """A frozen lake in the evening; in front the sign that warns of it."""
    canvas = Canvas(900, 600)
    canvas.gradient("#f7d6c4", "#cfe3ee", box=(0, 0, 900, 280))
    canvas.disc(690, 190, 44, "#fff1dc")
    for x, high, colour in (
        (-40, 120, "#9fb8c6"),
        (200, 160, "#8ba9ba"),
        (470, 130, "#9fb8c6"),
        (700, 170, "#8ba9ba"),
    ):
        canvas.shape([(x, 280), (x + 150, 280 - high), (x + 330, 280)], colour)
        canvas.shape(
            [
                (x + 112, 280 - high * 0.75),
                (x + 150, 280 - high),
                (x + 196, 280 - high * 0.75),
                (x + 160, 280 - high * 0.82),
            ],
            WHITE,
        )
    for x in range(10, 900, 44):
        tall = 46 + (x * 13) % 38
        canvas.shape([(x, 282), (x + 16, 282 - tall), (x + 32, 282)], "#3f6157")
    canvas.gradient("#d7ecf4", "#8fbdd1", box=(0, 280, 900, 600))
    canvas.oval(90, 330, 150, 20, "#5f9ab3")
    canvas.oval(80, 330, 110, 12, "#467f9b")
    for crack in (
        [(330, 330), (420, 372), (402, 420), (520, 470)],
        [(420, 372), (500, 380)],
        [(402, 420), (330, 452)],
        [(640, 350), (700, 392), (690, 440)],
    ):
        canvas.line(crack, "#eef8fb", 3)
    for x, y, long in ((250, 310, 60), (560, 320, 90), (740, 312, 70), (430, 520, 120)):
        canvas.line([(x, y), (x + long, y)], "#eaf6fa", 3)
    canvas.shape(
        [(0, 600), (0, 520), (150, 500), (330, 548), (560, 520), (900, 566), (900, 600)], "#f4f9fb"
    )
    for x, y, high in (
        (60, 520, 90),
        (74, 524, 116),
        (90, 522, 80),
        (820, 556, 96),
        (838, 560, 120),
        (856, 562, 84),
    ):
        canvas.line([(x, y), (x + 8, y - high)], "#8a7548", 3)
        canvas.oval(x + 8, y - high, 5, 15, BARK)
    canvas.box(622, 384, 16, 170, BARK)
    canvas.shadow(520, 300, 220, 130, radius=14)
    canvas.box(520, 300, 220, 130, YELLOW, radius=14)
    canvas.box(528, 308, 204, 114, None, radius=10, line=INK, thick=3)
    canvas.text(630, 342, "DANGER", 34, INK, anchor="mm", bold=True)
    canvas.text(630, 388, "Thin ice", 30, INK, anchor="mm")
    for step in range(5):
        canvas.oval(250 + step * 22, 574 - step * 9, 7, 3.5, "#cddde6")
    return canvas


def storm_drain() -> Canvas:
    """A grate in the gutter, the lettering beside it, a bucket and an oil can."""
    canvas = Canvas(900, 640, "#b9c0c6")
    for at in range(420):
        canvas.disc(
            (at * 197) % 900, (at * 331) % 330, 1 + at % 2, "#a9b1b8" if at % 3 else "#c8ced3"
        )
    canvas.box(0, 330, 900, 46, "#d9d4c8")
    for x in range(0, 900, 150):
        canvas.line([(x, 332), (x, 374)], "#b9b3a5", 3)
    canvas.box(0, 376, 900, 264, "#6f7780")
    for at in range(520):
        canvas.disc(
            (at * 173) % 900, 380 + (at * 271) % 260, 1 + at % 2, "#666e77" if at % 3 else "#7b838c"
        )
    canvas.box(330, 392, 250, 124, "#454d55", radius=8)
    for bar in range(9):
        canvas.box(346 + bar * 25, 406, 12, 96, "#20262c", radius=5)
    canvas.shape([(120, 384), (330, 430), (330, 478), (90, 400)], "#5d7f93")
    canvas.oval(455, 200, 300, 92, None, line=BLUE, thick=5)
    canvas.text(470, 162, "NO DUMPING", 40, DEEP, anchor="mm", bold=True)
    canvas.text(500, 226, "drains to the river", 34, DEEP, anchor="mm")
    canvas.oval(246, 222, 52, 25, BLUE)
    canvas.shape([(204, 222), (170, 196), (170, 248)], BLUE)
    canvas.disc(278, 216, 4.5, WHITE)
    canvas.arc(252, 222, 16, -60, 60, WHITE, 3)
    canvas.oval(748, 584, 92, 14, "#565e66")
    canvas.shape([(672, 452), (824, 452), (804, 584), (692, 584)], RED)
    canvas.oval(748, 452, 76, 17, "#b8432f")
    canvas.oval(748, 455, 64, 12, "#7fa9bd")
    for x, y, size in ((722, 452, 8), (748, 458, 11), (776, 452, 7)):
        canvas.disc(x, y, size, "#dbeef5")
    canvas.arc(748, 452, 80, 180, 360, "#3b434b", 4)
    _oil_can(canvas)
    return canvas


def _oil_can(canvas: Canvas) -> None:
    canvas.oval(150, 606, 70, 11, "#565e66")
    canvas.box(90, 478, 120, 128, NAVY, radius=12)
    canvas.box(104, 456, 40, 26, YELLOW, radius=5)
    canvas.box(158, 462, 44, 14, NAVY, radius=7)
    canvas.box(104, 510, 92, 62, CREAM, radius=6)
    canvas.text(150, 530, "MOTOR", 18, INK, anchor="mm", bold=True)
    canvas.text(150, 552, "OIL", 20, RED, anchor="mm", bold=True)


def cleanse() -> Canvas:
    """A cheerful plan for a week of nothing but juice."""
    canvas = Canvas(720, 900, "#eef5e3")
    canvas.box(0, 0, 720, 176, GREEN)
    canvas.disc(640, 40, 120, LEAF)
    canvas.text(44, 42, "7-DAY JUICE RESET", 48, WHITE, bold=True)
    canvas.text(46, 112, "flush the toxins · feel light · repeat!", 24, "#eaf4d6")
    days = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
    juices = (
        ("celery", LEAF),
        ("carrot", ORANGE),
        ("beet", WINE),
        ("apple", "#dfe07a"),
        ("kale", GREEN),
        ("citrus", YELLOW),
        ("melon", "#f28b82"),
    )
    for row, (day, (juice, colour)) in enumerate(zip(days, juices, strict=True)):
        y = 200 + row * 78
        canvas.box(40, y, 640, 66, WHITE, radius=16)
        canvas.box(40, y, 96, 66, "#dcebc6", radius=16)
        canvas.text(88, y + 33, day, 22, GREEN, anchor="mm", bold=True)
        for glass in range(4):
            _glass(canvas, 178 + glass * 56, y + 10, colour)
        canvas.text(420, y + 23, f"4 x {juice} juice", 21, INK, anchor="lm")
        canvas.text(420, y + 47, "no breakfast, no lunch, no dinner", 14, GREY, anchor="lm")
    canvas.box(40, 764, 640, 96, "#fff4d6", radius=16)
    canvas.text(360, 796, "about 500 kcal a day · no solid food", 23, BARK, anchor="mm", bold=True)
    canvas.text(360, 830, "“I lost 5 kilos in one week!”  Petra, 34", 19, SLATE, anchor="mm")
    return canvas


def _glass(canvas: Canvas, x: float, y: float, colour: str) -> None:
    canvas.shape([(x, y + 4), (x + 32, y + 4), (x + 27, y + 46), (x + 5, y + 46)], MIST)
    canvas.shape([(x + 3, y + 14), (x + 29, y + 14), (x + 25, y + 43), (x + 7, y + 43)], colour)
    canvas.line([(x + 18, y + 26), (x + 28, y - 4)], RED, 3)


def fridge_notes() -> Canvas:
    """The door of a fridge with notes on it that are not kind."""
    canvas = Canvas(760, 790, "#cfd8d3")
    canvas.gradient("#d8e0da", "#bccac3")
    canvas.shadow(80, 30, 600, 860, radius=36)
    canvas.box(80, 30, 600, 860, "#f4f6f5", radius=36)
    canvas.box(80, 250, 600, 6, "#c9d1cd")
    canvas.box(112, 110, 16, 110, "#aab4af", radius=8)
    canvas.box(112, 290, 16, 200, "#aab4af", radius=8)
    canvas.box(440, 70, 170, 130, SKY, radius=4)
    canvas.shape([(440, 200), (500, 130), (550, 172), (580, 140), (610, 200)], GREEN)
    canvas.disc(470, 100, 16, YELLOW)
    canvas.disc(525, 70, 11, RED)
    notes = (
        (180, 72, 214, 146, "#fff3a6", "Good morning!\nYou forgot the\nmilk AGAIN.", RED),
        (170, 310, 230, 170, "#ffd8cc", "Without me\nyou would be\nnothing :-)", TEAL),
        (
            430,
            290,
            210,
            180,
            "#d9f0ff",
            "Your friends\nonly pity you.\nStay at home\ntonight.",
            YELLOW,
        ),
        (180, 540, 220, 170, "#e3f3d0", "Who else would\nput up with\nyou? Smile!", BLUE),
        (430, 520, 220, 190, "#fff3a6", "Just joking!!\nDon't be so\nsensitive.\n       R.", RED),
    )
    for x, y, width, high, colour, words, magnet in notes:
        canvas.shadow(x, y, width, high, radius=3)
        canvas.box(x, y, width, high, colour, radius=2)
        canvas.shape(
            [(x + width - 26, y + high), (x + width, y + high - 26), (x + width, y + high)],
            "#f4f6f5",
        )
        canvas.paragraph(x + 20, y + 30, words, width, 25, INK)
        canvas.disc(x + width / 2, y + 8, 12, magnet)
        canvas.disc(x + width / 2 - 3, y + 5, 4, WHITE)
    return canvas
