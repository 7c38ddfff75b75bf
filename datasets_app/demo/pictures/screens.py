"""Screens: a mail, a chat, and two charts on a wall."""

from __future__ import annotations

from datasets_app.demo.canvas import (
    BLUE,
    CREAM,
    DEEP,
    GREY,
    INK,
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
    YELLOW,
    Canvas,
)


def parcel_mail() -> Canvas:
    """A mail that asks for a small fee for a parcel, in a mail programme."""
    canvas = Canvas(940, 680, "#cfdbe3")
    canvas.shadow(40, 36, 860, 606, radius=14)
    canvas.box(40, 36, 860, 606, WHITE, radius=14)
    canvas.box(40, 36, 860, 44, NAVY, radius=14)
    canvas.box(40, 60, 860, 20, NAVY)
    for at, colour in enumerate((RED, YELLOW, TEAL)):
        canvas.disc(68 + at * 24, 58, 7, colour)
    canvas.text(470, 58, "Mail", 17, MIST, anchor="mm")
    canvas.box(40, 80, 190, 562, "#eef3f6", radius=14)
    canvas.box(40, 80, 190, 60, "#eef3f6")
    for at, (folder, count) in enumerate(
        (("Inbox", "3"), ("Sent", ""), ("Drafts", "1"), ("Spam", "27"))
    ):
        row = 118 + at * 44
        if not at:
            canvas.box(54, row - 18, 162, 36, SKY, radius=8)
        canvas.text(70, row, folder, 19, INK, anchor="lm", bold=not at)
        canvas.text(204, row, count, 16, SLATE, anchor="rm")
    canvas.text(262, 118, "Your parcel could NOT be delivered", 26, INK, anchor="lm", bold=True)
    canvas.disc(284, 172, 22, ORANGE)
    canvas.text(284, 172, "P", 22, WHITE, anchor="mm", bold=True)
    canvas.text(318, 162, "Parcel Service Team", 18, INK, anchor="lm", bold=True)
    canvas.text(318, 184, "no-reply@parcel-help.example.info", 16, WINE, anchor="lm")
    canvas.text(872, 162, "03:12", 15, GREY, anchor="rm")
    canvas.line([(262, 212), (872, 212)], MIST, 2)
    canvas.box(262, 230, 610, 70, YELLOW)
    _parcel(canvas, 300, 264)
    canvas.text(348, 265, "EXPRESS PARCEL", 30, WINE, anchor="lm", bold=True)
    canvas.text(262, 326, "Dear customer,", 19)
    y = canvas.paragraph(
        262, 362,
        "your parcel waits in our depot. A customs fee of 1.99 is open. Pay within 2 HOURS, "
        "otherwise it goes back to sender and a fine will be apply.", 600, 19,
    )  # fmt: skip
    canvas.box(262, y + 16, 250, 52, RED, radius=8)
    canvas.text(387, y + 42, "PAY 1.99 NOW", 21, WHITE, anchor="mm", bold=True)
    canvas.text(532, y + 42, "http://pay-parcel.example.info/a9x", 15, GREY, anchor="lm")
    canvas.text(262, y + 98, "Have your card and the code from the text message ready.", 16, SLATE)
    canvas.text(262, y + 124, "Parcel Service, all rights reserve", 14, GREY)
    return canvas


def _parcel(canvas: Canvas, x: float, y: float) -> None:
    canvas.shape([(x - 24, y - 12), (x, y - 24), (x + 24, y - 12), (x, y)], "#d9b48f")
    canvas.shape([(x - 24, y - 12), (x, y), (x, y + 26), (x - 24, y + 14)], "#b98f66")
    canvas.shape([(x + 24, y - 12), (x, y), (x, y + 26), (x + 24, y + 14)], "#a37a54")
    canvas.line([(x - 12, y - 18), (x + 12, y - 6), (x + 12, y + 4)], CREAM, 4)


def group_chat() -> Canvas:
    """A chat of a class on a phone, in which all are against one."""
    canvas = Canvas(640, 900, "#f0dfd3")
    canvas.gradient("#f5e7dd", "#e6cdbd")
    canvas.shadow(90, 24, 460, 852, radius=52)
    canvas.box(90, 24, 460, 852, INK, radius=52)
    canvas.box(104, 38, 432, 824, "#f1efe9", radius=42)
    canvas.box(104, 38, 432, 100, TEAL, radius=42)
    canvas.box(104, 92, 432, 46, TEAL)
    canvas.box(250, 46, 140, 22, INK, radius=11)
    canvas.line([(140, 96), (128, 106), (140, 116)], WHITE, 4)
    for at, colour in enumerate((YELLOW, SKY, "#e5989b")):
        canvas.disc(176 + at * 18, 106, 18, colour, line=TEAL, thick=2)
    canvas.text(244, 96, "Class 8c", 23, WHITE, anchor="lm", bold=True)
    canvas.text(244, 120, "24 members", 14, "#d4efeb", anchor="lm")
    messages = (
        ("Leo", BLUE, "Has anyone seen Mia's photo\nfrom the trip? :-D"),
        ("Jana", "#b5559b", "those shoes!!! hahaha"),
        ("Tim", ORANGE, "we should make it a sticker"),
        ("Leo", BLUE, "she sits alone because even\nher shadow left"),
        ("Jana", "#b5559b", "LOL don't invite her on Friday"),
        ("Mia", TEAL, "I can read this, you know"),
        ("Tim", ORANGE, "and? 23 against 1"),
    )
    y = 158.0
    for name, colour, words in messages:
        lines = words.count("\n") + 1
        high = 40 + lines * 23
        canvas.disc(140, y + high - 18, 17, colour)
        canvas.text(140, y + high - 18, name[0], 18, WHITE, anchor="mm", bold=True)
        canvas.box(166, y, 322, high, "#dff3df" if name == "Mia" else WHITE, radius=16)
        canvas.text(182, y + 10, name, 15, colour, bold=True)
        canvas.paragraph(182, y + 31, words, 400, 18, leading=1.28)
        y += high + 12
    canvas.box(122, 796, 396, 48, WHITE, radius=24)
    canvas.text(144, 820, "Write a message ...", 18, GREY, anchor="lm")
    canvas.disc(494, 820, 19, TEAL)
    canvas.shape([(487, 811), (505, 820), (487, 829)], WHITE)
    return canvas


def axis_chart() -> Canvas:
    """A bar chart whose axis does not begin at zero."""
    canvas = Canvas(900, 620, PAPER)
    canvas.text(60, 44, "Offences reported in the city", 34, INK, bold=True)
    canvas.text(60, 92, "cases a year", 20, SLATE)
    base, top, left = 520, 140, 130
    for value in range(9600, 10001, 100):
        y = base - (value - 9600) / 400 * (base - top)
        canvas.line([(left, y), (840, y)], MIST, 2)
        canvas.text(left - 14, y, f"{value:,}".replace(",", " "), 18, SLATE, anchor="rm")
    for at, (year, value) in enumerate(
        ((2021, 9700), (2022, 9760), (2023, 9810), (2024, 9880), (2025, 9940))
    ):
        x, high = left + 46 + at * 136, (value - 9600) / 400 * (base - top)
        colour = RED if at == 4 else BLUE
        canvas.box(x, base - high, 84, high, colour)
        canvas.text(
            x + 42,
            base - high - 14,
            f"{value:,}".replace(",", " "),
            21,
            colour,
            anchor="mb",
            bold=True,
        )
        canvas.text(x + 42, base + 16, str(year), 20, INK, anchor="ma")
    canvas.line([(left, base), (840, base)], INK, 3)
    canvas.text(60, 578, "Source: statistical office. The axis begins at 9 600.", 16, GREY)
    return canvas


def river_chart() -> Canvas:
    """Oxygen in a river through a year, with a dip below the limit in June."""
    canvas = Canvas(900, 620, "#eef5f7")
    canvas.text(60, 40, "Oxygen in the river below the plant", 32, DEEP, bold=True)
    canvas.text(60, 86, "mg per litre, monthly mean, own measurement", 18, SLATE)
    left, base, step, unit = 110, 520, 64, 38
    for value in range(0, 11, 2):
        canvas.line([(left, base - value * unit), (840, base - value * unit)], "#dbe7eb", 2)
        canvas.text(left - 16, base - value * unit, str(value), 18, SLATE, anchor="rm")
    values = (9.4, 9.2, 8.9, 8.3, 7.6, 3.0, 4.1, 6.2, 7.4, 8.2, 8.8, 9.3)
    points = [(left + 14 + at * step, base - value * unit) for at, value in enumerate(values)]
    canvas.veil([(points[0][0], base), *points, (points[-1][0], base)], SKY, strength=0.6)
    canvas.dashes((left, base - 5 * unit), (840, base - 5 * unit), RED, 3, 12)
    canvas.text(left + 8, base - 5 * unit + 10, "limit for fish: 5", 17, RED)
    canvas.line(points, BLUE, 6)
    for at, ((x, y), month) in enumerate(zip(points, "JFMAMJJASOND", strict=True)):
        low = values[at] < 5
        canvas.disc(x, y, 10 if low else 7, WHITE, line=RED if low else BLUE, thick=4)
        canvas.text(x, base + 18, month, 19, INK, anchor="ma", bold=low)
    canvas.arrow((500, 460), (456, 416), WINE, 3)
    canvas.text(508, 468, "9 June: discharge, 3.0", 20, WINE, anchor="lm", bold=True)
    canvas.line([(left, base), (840, base)], INK, 3)
    canvas.text(60, 578, "Internal. Not for publication.", 16, GREY)
    return canvas
