"""Papers: what lies on a desk, in a copier or in a wallet."""

from __future__ import annotations

import math

from datasets_app.demo.canvas import (
    BARK,
    BLUE,
    DEEP,
    GREEN,
    GREY,
    INK,
    LEAF,
    MIST,
    PAPER,
    RED,
    SAND,
    SLATE,
    TEAL,
    WHITE,
    WINE,
    YELLOW,
    Canvas,
    mixed,
)


def _desk(width: int, height: int, *, wood: str = "#c79f75") -> Canvas:
    canvas = Canvas(width, height, wood)
    for board in range(0, height, 96):
        canvas.line([(0, board), (width, board)], mixed(wood, INK, 0.14), 3)
        for grain in range(4):
            y = board + 18 + grain * 20
            start = (board * 7 + grain * 211) % width
            canvas.line([(start, y), (start + 120 + grain * 40, y)], mixed(wood, INK, 0.07), 2)
    return canvas


def lemon_paper() -> Canvas:
    """The front page of a paper that promises too much."""
    canvas = _desk(760, 940)
    canvas.shadow(50, 40, 660, 860, radius=2)
    canvas.box(50, 40, 660, 860, "#f7f1e1")
    canvas.text(380, 88, "The Daily Beacon", 56, INK, anchor="mm", bold=True)
    canvas.line([(80, 128), (680, 128)], INK, 2)
    canvas.text(84, 136, "Monday", 15, SLATE)
    canvas.text(380, 136, "all the news that others hide", 15, SLATE, anchor="ma")
    canvas.text(676, 136, "free copy", 15, SLATE, anchor="ra")
    canvas.line([(80, 162), (680, 162)], INK, 2)
    canvas.text(380, 210, "LEMON WATER", 66, WINE, anchor="mm", bold=True)
    canvas.text(380, 278, "CURES EVERYTHING!!!", 52, WINE, anchor="mm", bold=True)
    canvas.text(
        380, 326, "Doctors are speechless. Pharmacies want to ban it.", 22, INK, anchor="mm"
    )
    canvas.box(84, 356, 330, 270, "#dcebf0")
    canvas.gradient("#cfe6ef", "#eef6f0", box=(84, 356, 414, 626))
    canvas.box(84, 560, 330, 66, SAND)
    _lemon(canvas, 190, 508, 84)
    canvas.shape([(286, 436), (372, 436), (360, 590), (298, 590)], "#f4fbfd")
    canvas.shape([(290, 480), (368, 480), (360, 586), (298, 586)], "#f6eda0")
    canvas.line([(340, 540), (374, 400)], GREEN, 6)
    canvas.text(86, 636, "One glass a day is enough, says a professor.", 14, SLATE)
    canvas.scribble(440, 372, 236, 15, gap=17, colour="#b9b09a")
    canvas.scribble(84, 676, 286, 11, gap=17, colour="#b9b09a")
    canvas.box(398, 660, 280, 210, YELLOW)
    canvas.text(538, 694, "THROW AWAY", 32, WINE, anchor="mm", bold=True)
    canvas.text(538, 732, "YOUR PILLS?", 32, WINE, anchor="mm", bold=True)
    canvas.text(538, 776, "Readers report:", 20, INK, anchor="mm")
    canvas.text(538, 806, "“Healed overnight!”", 22, INK, anchor="mm")
    canvas.text(538, 842, "more on page 7", 16, SLATE, anchor="mm")
    return canvas


def _lemon(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.oval(x, y + size * 0.86, size * 1.05, 10, "#d1b795")
    canvas.oval(x, y, size, size * 0.8, YELLOW)
    canvas.oval(x - size * 0.94, y, 20, 13, YELLOW)
    canvas.oval(x + size * 0.94, y, 20, 13, YELLOW)
    canvas.oval(x - size * 0.3, y - size * 0.34, 26, 12, "#f8dc8f")
    canvas.shape([(x + 64, y - 44), (x + 130, y - 84), (x + 120, y - 30)], GREEN)


def exam_sheet() -> Canvas:
    """Tomorrow's exam with the answers written in, on the glass of a copier."""
    canvas = Canvas(760, 900, "#4b545d")
    canvas.box(30, 30, 700, 840, "#2f363d", radius=16)
    canvas.gradient("#e4f1ea", "#cfe3da", box=(52, 52, 708, 848))
    canvas.shadow(106, 84, 540, 730, radius=2)
    canvas.box(106, 84, 540, 730, PAPER)
    canvas.text(136, 106, "Biology 9b · test no. 2 · The cell", 24, INK, bold=True)
    canvas.text(
        136,
        142,
        "Tuesday, 3rd lesson                name: ..............................",
        15,
        SLATE,
    )
    canvas.box(486, 98, 140, 32, None, line=RED, thick=2, radius=4)
    canvas.text(556, 114, "SOLUTIONS", 19, RED, anchor="mm", bold=True)
    ink = BLUE
    canvas.text(136, 186, "1.  Which part supplies the cell with energy?", 18)
    _pen(canvas, 166, 214, "the mitochondrion", ink)
    canvas.text(136, 266, "2.  How much is the cell enlarged at 40 x 10?", 18)
    _pen(canvas, 166, 294, "400 times  (eyepiece x lens)", ink)
    canvas.text(136, 346, "3.  Mark what is right.", 18)
    for row, (right, options) in enumerate(
        zip("cacb", ("a  b  c", "a  b  c", "a  b  c", "a  b  c"), strict=True)
    ):
        y = 384 + row * 30
        canvas.scribble(166, y, 250, 1, thick=3)
        for at, letter in enumerate(options.split()):
            canvas.text(470 + at * 46, y, letter, 18, SLATE, anchor="mm")
            if letter == right:
                canvas.disc(470 + at * 46, y, 14, None, line=ink, thick=2.5)
    canvas.text(136, 512, "4.  Label the five parts.", 18)
    canvas.oval(310, 664, 150, 100, "#e3f0d3", line=GREEN, thick=4)
    canvas.oval(276, 656, 48, 42, "#cdb4db", line="#8d6ba8", thick=3)
    canvas.disc(268, 650, 14, "#8d6ba8")
    canvas.oval(376, 626, 34, 16, _AMBER, line=BARK, thick=2)
    canvas.oval(356, 714, 34, 16, _AMBER, line=BARK, thick=2)
    canvas.oval(404, 672, 24, 34, "#bfe3ee", line=BLUE, thick=2)
    for start, end, (x, y), word in (
        ((262, 644), (206, 572), (150, 546), "nucleus"),
        ((386, 618), (474, 576), (480, 562), "mitochondrion"),
        ((418, 672), (514, 646), (520, 634), "vacuole"),
        ((452, 702), (514, 720), (520, 708), "membrane"),
        ((220, 714), (190, 766), (150, 772), "plasm"),
    ):
        canvas.line([start, end], SLATE, 2)
        _pen(canvas, x, y, word, ink)
    return canvas


_AMBER = "#f4a261"


def _pen(canvas: Canvas, x: float, y: float, words: str, colour: str) -> None:
    """Write by hand, as far as one font can: each word a little higher or lower."""
    for at, word in enumerate(words.split(" ")):
        canvas.text(x, y + (2, -2, 1)[at % 3], word, 21, colour)
        x += len(word) * 10.6 + 9


def invoice() -> Canvas:
    """A receipt from a restaurant, on a table."""
    canvas = _desk(700, 900, wood="#7c5a43")
    canvas.shadow(130, 40, 440, 810, radius=2)
    canvas.box(130, 40, 440, 800, WHITE)
    canvas.shape(
        [
            (130 + at * 20 + (10 if point % 2 else 0), 840 + (12 if point % 2 else 0))
            for at in range(22)
            for point in range(2)
        ]
        + [(570, 840), (570, 830), (130, 830)],
        WHITE,
    )
    canvas.disc(350, 104, 34, TEAL)
    canvas.line([(338, 88), (338, 122)], WHITE, 4)
    canvas.line([(362, 88), (362, 122)], WHITE, 4)
    canvas.oval(362, 94, 6, 11, WHITE)
    canvas.text(350, 158, "Trattoria al Ponte", 30, INK, anchor="mm", bold=True)
    canvas.text(350, 190, "12 Canal Street", 17, SLATE, anchor="mm")
    canvas.text(350, 214, "table 7 · 2 guests", 17, SLATE, anchor="mm")
    canvas.dashes((160, 246), (540, 246), GREY, 2, 6)
    rows = (
        ("2  minestrone", 13.0),
        ("1  tagliatelle", 14.5),
        ("1  sea bream", 21.0),
        ("1  water, large", 6.9),
        ("2  espresso", 7.0),
    )
    for at, (what, price) in enumerate(rows):
        canvas.text(166, 268 + at * 40, what, 21)
        canvas.text(534, 268 + at * 40, f"{price:.2f}", 21, anchor="ra")
    canvas.dashes((160, 482), (540, 482), GREY, 2, 6)
    canvas.text(166, 502, "net", 18, SLATE)
    canvas.text(534, 502, "56.73", 18, SLATE, anchor="ra")
    canvas.text(166, 534, "tax 10 %", 18, SLATE)
    canvas.text(534, 534, "5.67", 18, SLATE, anchor="ra")
    canvas.box(160, 572, 380, 60, MIST, radius=6)
    canvas.text(176, 602, "TOTAL", 28, INK, anchor="lm", bold=True)
    canvas.text(526, 602, "62.40", 32, INK, anchor="rm", bold=True)
    canvas.text(350, 664, "paid by card", 17, SLATE, anchor="mm")
    canvas.text(350, 700, "Thank you, see you soon!", 20, INK, anchor="mm")
    for bar in range(58):
        width = 2 + (bar * bar * 7 + bar * 3) % 4
        canvas.box(190 + bar * 5.6, 734, width, 58, INK)
    canvas.text(350, 808, "0417 2231 0059", 15, SLATE, anchor="mm")
    return canvas


def pill_label() -> Canvas:
    """A box and a blister of tablets, with what the label says of the dose."""
    canvas = Canvas(900, 640, "#dbe9ee")
    canvas.gradient("#e6f1f4", "#c8dde5")
    canvas.oval(460, 560, 380, 26, "#b3ccd6")
    canvas.shape([(110, 130), (160, 92), (780, 92), (730, 130)], "#ffffff")
    canvas.shape([(730, 130), (780, 92), (780, 500), (730, 540)], "#d5dfe4")
    canvas.box(110, 130, 620, 410, WHITE)
    canvas.box(110, 130, 620, 96, BLUE)
    canvas.text(140, 178, "Doloran", 52, WHITE, anchor="lm", bold=True)
    canvas.text(704, 178, "500 mg", 36, WHITE, anchor="rm")
    canvas.text(140, 256, "20 tablets · paracetamol", 22, SLATE, anchor="lm")
    canvas.box(140, 284, 560, 150, "#fff5d9", radius=10, line=YELLOW, thick=3)
    canvas.text(164, 314, "Adults: 1 tablet every 4 to 6 hours.", 25, INK, anchor="lm")
    canvas.text(164, 358, "No more than 6 tablets in 24 hours.", 29, WINE, anchor="lm", bold=True)
    canvas.text(164, 402, "Not with other products that contain paracetamol.", 20, INK, anchor="lm")
    canvas.text(
        140, 468, "Ask a doctor if the pain lasts longer than 3 days.", 18, SLATE, anchor="lm"
    )
    canvas.text(140, 500, "Keep out of the reach of children.", 18, SLATE, anchor="lm")
    canvas.shadow(520, 462, 330, 140, radius=14)
    canvas.box(520, 462, 330, 140, "#c5ced4", radius=14)
    for row in range(2):
        for column in range(5):
            x, y = 554 + column * 65, 498 + row * 66
            canvas.oval(x, y, 26, 22, "#b3bdc4")
            if row == 1 and column < 4:
                canvas.oval(x, y, 21, 17, WHITE)
                canvas.line([(x - 12, y), (x + 12, y)], MIST, 2)
            else:
                canvas.shape(
                    [(x - 12, y - 8), (x + 2, y - 14), (x + 14, y + 2), (x - 2, y + 12)], "#8d98a0"
                )
    return canvas


def id_card() -> Canvas:
    """An identity card of nobody, without a face."""
    canvas = Canvas(900, 600, "#8aa39b")
    canvas.gradient("#9cb4ab", "#7c968d")
    canvas.shadow(90, 60, 720, 470, radius=28)
    canvas.box(90, 60, 720, 470, "#eaf2ee", radius=28)
    for wave in range(15):
        points = [
            (104 + x, 120 + wave * 24 + 14 * math.sin(x / 70 + wave / 2)) for x in range(0, 696, 12)
        ]
        canvas.line(points, "#d8e8e0" if wave % 2 else "#e6dfd0", 3)
    canvas.box(90, 60, 720, 72, DEEP, radius=28)
    canvas.box(90, 100, 720, 32, DEEP)
    canvas.text(120, 98, "REPUBLIC OF NORLAND", 28, WHITE, anchor="lm", bold=True)
    canvas.text(780, 98, "IDENTITY CARD", 20, "#c9dde6", anchor="rm")
    canvas.box(122, 162, 190, 230, "#c3d3cc", radius=8)
    canvas.disc(217, 250, 46, "#a4b8af")
    canvas.slice(217, 392, 84, 180, 360, "#a4b8af")
    fields = (
        ("surname", "SAMPLE"),
        ("given names", "ROBIN"),
        ("date of birth", "14 05 2006"),
        ("valid until", "13 05 2031"),
    )
    for at, (label, value) in enumerate(fields):
        canvas.text(348, 166 + at * 58, label, 14, SLATE)
        canvas.text(348, 184 + at * 58, value, 26, INK, bold=True)
    canvas.box(620, 186, 76, 60, YELLOW, radius=10)
    for at in (206, 226):
        canvas.line([(620, at), (696, at)], "#c9962f", 2)
    canvas.line([(646, 186), (646, 246)], "#c9962f", 2)
    canvas.line([(670, 186), (670, 246)], "#c9962f", 2)
    canvas.disc(706, 332, 54, None, line=TEAL, thick=3)
    canvas.disc(706, 332, 42, None, line=TEAL, thick=2)
    _star(canvas, 706, 332, 30, TEAL)
    canvas.box(90, 424, 720, 84, WHITE)
    canvas.text(118, 442, "IDNOR0417X22310<<<<<<<<<<<<<<<", 25, INK)
    canvas.text(118, 474, "0605144<3105138NOR<<<<<<<<<<<6", 25, INK)
    return canvas


def _star(canvas: Canvas, x: float, y: float, radius: float, colour: str) -> None:
    canvas.shape(
        [
            (
                x + radius * (1 if at % 2 == 0 else 0.42) * math.sin(at * math.pi / 5),
                y - radius * (1 if at % 2 == 0 else 0.42) * math.cos(at * math.pi / 5),
            )
            for at in range(10)
        ],
        colour,
    )


def council_letter() -> Canvas:
    """A letter from a town hall, with seal and reference."""
    canvas = _desk(760, 940, wood="#a9b7a0")
    canvas.shadow(80, 40, 600, 850, radius=2)
    canvas.box(80, 40, 600, 850, WHITE)
    canvas.disc(160, 122, 46, GREEN)
    canvas.disc(160, 122, 38, None, line=WHITE, thick=2)
    canvas.box(138, 116, 44, 30, WHITE)
    canvas.shape([(132, 116), (160, 94), (188, 116)], WHITE)
    for column in (144, 156, 168):
        canvas.box(column, 122, 6, 24, GREEN)
    canvas.text(226, 96, "TOWN OF ALDERBROOK", 28, INK, bold=True)
    canvas.text(226, 132, "Department for Public Green", 20, GREEN)
    canvas.line([(116, 190), (644, 190)], LEAF, 4)
    canvas.text(116, 216, "To the residents of", 18)
    canvas.text(116, 242, "Willow Lane 1 to 20", 18)
    canvas.text(644, 216, "ref. PG-2231/7", 16, SLATE, anchor="ra")
    canvas.text(644, 242, "2 October", 16, SLATE, anchor="ra")
    canvas.text(116, 306, "Care of the avenue trees", 23, INK, bold=True)
    y = canvas.paragraph(
        116,
        354,
        "Dear residents,\n\nfrom 12 to 16 October our gardeners will cut back the lime trees in "
        "Willow Lane. Please park elsewhere between 7 a.m. and 4 p.m. on these days.\n\nThe wood "
        "may be taken away free of charge.",
        520,
        19,
    )
    canvas.text(116, y + 24, "Yours faithfully", 19)
    canvas.line(
        [
            (120, y + 92),
            (142, y + 66),
            (158, y + 96),
            (182, y + 62),
            (196, y + 94),
            (228, y + 74),
            (262, y + 90),
            (300, y + 76),
        ],
        DEEP,
        3,
    )
    canvas.text(116, y + 112, "I. Lindqvist, head of department", 16, SLATE)
    canvas.disc(560, y + 74, 58, None, line="#7d8fb3", thick=3)
    canvas.disc(560, y + 74, 46, None, line="#7d8fb3", thick=2)
    canvas.text(560, y + 66, "ALDERBROOK", 13, "#7d8fb3", anchor="mm", bold=True)
    canvas.text(560, y + 86, "town seal", 13, "#7d8fb3", anchor="mm")
    canvas.line([(116, 836), (644, 836)], MIST, 2)
    canvas.text(380, 858, "Town Hall · Market Square 1 · Alderbrook", 15, GREY, anchor="mm")
    return canvas
