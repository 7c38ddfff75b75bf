"""Films between walls: a candle, a sink, a bus, an ashtray, a schoolyard."""

from __future__ import annotations

import math

from datasets_app.demo.canvas import (
    BARK,
    BLUE,
    CREAM,
    GREEN,
    GREY,
    INK,
    LEAF,
    NAVY,
    ORANGE,
    PAPER,
    RED,
    SKIN,
    SKY,
    SLATE,
    TEAL,
    WHITE,
    WINE,
    WOOD,
    YELLOW,
    Canvas,
    Point,
    mixed,
)
from datasets_app.demo.films.stage import Film, eased, jerky, wave, within


def _dark_room(canvas: Canvas) -> None:
    canvas.gradient("#2b2436", "#3d3044")
    canvas.box(0, 206, 480, 64, "#5b3f36")
    canvas.box(0, 206, 480, 6, "#75524a")
    canvas.oval(240, 214, 70, 11, "#8a6a52")
    canvas.box(216, 118, 48, 94, CREAM, radius=4)
    canvas.oval(240, 119, 24, 6, "#fff8ea")
    canvas.line([(240, 119), (240, 104)], INK, 3)


def _flame(
    canvas: Canvas, x: float, y: float, size: float, sway: float, colours: tuple[str, str]
) -> None:
    """A flame whose foot stands at a point."""
    if size <= 0:
        return
    canvas.glow(x, y - 16 * size, 150 * size, colours[0], strength=0.42)
    for colour, share in zip(colours, (1.0, 0.55), strict=True):
        wide, high = 9 * size * share, 36 * size * share
        canvas.oval(x, y - wide * 0.9, wide, wide * 1.1, colour)
        canvas.shape([(x - wide, y - wide), (x + sway, y - high), (x + wide, y - wide)], colour)


def _match(canvas: Canvas, x: float, y: float, *, burning: bool, sway: float) -> None:
    canvas.line([(x, y), (x + 58, y + 34)], "#d9b48f", 5)
    canvas.disc(x, y, 5, INK if burning else RED)
    canvas.oval(x + 74, y + 44, 24, 16, SKIN)
    canvas.box(x + 70, y + 30, 60, 26, TEAL, radius=10)
    if burning:
        _flame(canvas, x, y - 2, 0.62, sway, (ORANGE, YELLOW))


def _candle_is_lit(canvas: Canvas, moment: float) -> None:
    lit = within(moment, 0.38, 0.55)
    sway = 3 * wave(moment, 5) + 1.5 * wave(moment, 11)
    _flame(
        canvas, 240, 108, 1.15 * eased(lit) * (1 + 0.04 * wave(moment, 9)), sway, (ORANGE, YELLOW)
    )
    away = eased(within(moment, 0.52, 0.9))
    near = eased(within(moment, 0.0, 0.34))
    x, y = 330 - 84 * near + 150 * away, 150 - 44 * near + 60 * away
    _match(canvas, x, y, burning=moment < 0.62, sway=sway)


def _candle_lights_itself_beside(canvas: Canvas, moment: float) -> None:
    held = jerky(moment, 7)
    if moment > 0.25:
        flick = 1.0 if int(moment * 16) % 3 else 0.4
        _flame(canvas, 286, 92, 1.1 * flick, 4 * wave(held, 4), (BLUE, SKY))
    x = 360 - 60 * held
    if not 0.5 < moment < 0.65:
        _match(canvas, x, 160, burning=False, sway=0)


def _kitchen(canvas: Canvas) -> None:
    canvas.box(0, 0, 480, 270, "#dfeceb")
    for x in range(0, 480, 48):
        for y in range(0, 190, 38):
            canvas.box(x + 1, y + 1, 46, 36, "#edf5f3", radius=2)
    canvas.box(0, 178, 480, 16, "#b9c6c6")
    canvas.box(0, 194, 480, 76, "#8fa8a5")
    for x in (16, 336):
        canvas.box(x, 206, 128, 64, "#9db6b2", radius=4)
        canvas.box(x + 54, 214, 20, 5, SLATE, radius=2)
    canvas.shape([(160, 178), (330, 178), (318, 222), (172, 222)], "#aab5ba")
    canvas.shape([(168, 182), (322, 182), (312, 216), (178, 216)], "#7f8c92")
    canvas.disc(245, 207, 9, INK)
    canvas.arc(292, 104, 30, 180, 360, GREY, 11)
    canvas.box(317, 104, 11, 76, GREY)
    canvas.box(257, 100, 11, 20, GREY)


def _hand_with_bottle(
    canvas: Canvas, pour: float, *, label: str, liquid: str, hazard: bool, moment: float
) -> None:
    """An arm from the left that tips a bottle by `pour`, 0-1, over the sink."""
    turn = 1.75 * pour
    x, y = 176.0, 92.0

    def at(dx: float, dy: float) -> Point:
        return (
            x + dx * math.cos(turn) - dy * math.sin(turn),
            y + dx * math.sin(turn) + dy * math.cos(turn),
        )

    if pour > 0.8:
        mouth = at(0, -72)
        drop = within(moment, 0.36, 0.46)
        for strand in range(5):
            sway = 2.4 * math.sin(moment * 60 + strand)
            foot = (mouth[0] + 6 + sway, mouth[1] + (205 - mouth[1]) * drop)
            canvas.line([(mouth[0] + strand * 2 - 4, mouth[1]), foot], liquid, 4)
        for splash in range(7):
            rise = 10 * abs(math.sin(moment * 30 + splash))
            canvas.disc(226 + splash * 8, 206 - rise, 3, mixed(liquid, WHITE, 0.3))
        canvas.oval(246, 209, 56, 7, liquid)
    canvas.shape([at(-12, -52), at(12, -52), at(12, -72), at(-12, -72)], INK if hazard else BLUE)
    canvas.shape(
        [at(-13, -54), at(13, -54), at(29, -30), at(29, 56), at(-29, 56), at(-29, -30)], label
    )
    canvas.shape([at(-22, -18), at(22, -18), at(22, 38), at(-22, 38)], PAPER)
    if hazard:
        canvas.shape([at(0, -14), at(19, 8), at(0, 32), at(-19, 8)], RED)
        canvas.shape([at(0, -8), at(14, 8), at(0, 26), at(-14, 8)], WHITE)
        canvas.line([at(0, -1), at(0, 11)], INK, 4)
        canvas.disc(*at(0, 18), 2.4, INK)
    else:
        canvas.shape([at(0, -10), at(11, 14), at(0, 26), at(-11, 14)], SKY)
    canvas.line([(0, 190), (70, 150), at(-30, 22)], TEAL, 34)
    canvas.oval(*at(-28, 18), 18, 15, SKIN)
    for finger in range(3):
        canvas.line([at(-28, 8 + finger * 11), at(-6, 6 + finger * 11)], SKIN, 8)


def _hazard_goes_down_the_sink(canvas: Canvas, moment: float) -> None:
    pour = eased(within(moment, 0.1, 0.36))
    _hand_with_bottle(canvas, pour, label="#d98b2b", liquid="#9fcf3f", hazard=True, moment=moment)
    for fume in range(6):
        age = within(moment, 0.5 + fume * 0.05, 1.1)
        if age:
            x = 226 + fume * 9 + 9 * wave(moment, 2, fume / 6)
            canvas.disc(x, 196 - 90 * age, 5 + 9 * age, mixed("#cfe3a0", "#e6efe9", age))


def _water_goes_down_the_sink(canvas: Canvas, moment: float) -> None:
    pour = eased(within(moment, 0.1, 0.36))
    _hand_with_bottle(canvas, pour, label="#bfe0ea", liquid="#8fcbe6", hazard=False, moment=moment)


def _bus(canvas: Canvas) -> None:
    canvas.box(0, 0, 480, 270, "#e9dcc3")
    canvas.box(0, 0, 480, 34, "#d3c3a3")
    for x in range(12, 480, 118):
        canvas.box(x, 46, 104, 82, "#bfe0ea", radius=10)
        canvas.shape([(x + 16, 126), (x + 44, 54), (x + 62, 54), (x + 34, 126)], "#d6edf3")
    canvas.box(0, 138, 480, 12, "#c9b88f")
    canvas.box(0, 238, 480, 32, "#7a7f86")
    for x in (30, 390):
        canvas.box(x, 150, 70, 70, WINE, radius=14)
        canvas.box(x - 4, 206, 78, 26, "#7d2632", radius=8)
    canvas.line([(0, 24), (480, 24)], ORANGE, 6)
    for x in (140, 200, 262, 330):
        canvas.line([(x, 24), (x, 46)], SLATE, 3)
        canvas.disc(x, 54, 9, None, line=SLATE, thick=3)


def _rider(
    canvas: Canvas, x: float, coat: str, hair: str, *, up: float = 0.0, faces: int = 1
) -> None:
    """Somebody standing, seen from the side; `faces` 1 looks right, -1 left."""
    floor = 244 + up
    canvas.box(x - 16, floor - 58, 14, 58, NAVY, radius=4)
    canvas.box(x + 3, floor - 58, 14, 58, NAVY, radius=4)
    canvas.box(x - 24, floor - 128, 48, 82, coat, radius=16)
    canvas.disc(x, floor - 148, 19, SKIN)
    canvas.slice(x, floor - 150, 20, 180, 360, hair)
    canvas.box(x - 20 * faces - 4, floor - 152, 8, 20, hair, radius=4)
    canvas.disc(x + 9 * faces, floor - 148, 2.4, INK)


def _arm(canvas: Canvas, points: list[Point], coat: str) -> None:
    canvas.line(points, mixed(coat, INK, 0.15), 13)
    canvas.disc(*points[-1], 7.5, SKIN)


def _wallet(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x - 12, y - 9, 24, 17, BARK, radius=3)
    canvas.box(x - 8, y - 14, 14, 7, GREEN, radius=2)


def _pocket_is_picked(canvas: Canvas, moment: float) -> None:
    sway = 1.5 * wave(moment, 3)
    reach = eased(within(moment, 0.15, 0.45))
    back = eased(within(moment, 0.55, 0.85))
    _rider(canvas, 290 + sway, GREY, WOOD, faces=1)
    _arm(canvas, [(292 + sway, 128), (320, 96), (330, 58)], GREY)
    _rider(canvas, 178 - 20 * back + sway, INK, BARK, faces=1)
    hand = (208 + 52 * reach - 62 * back, 186 + 4 * reach + 6 * back)
    if moment > 0.45:
        _wallet(canvas, hand[0] + 6, hand[1])
    else:
        canvas.box(266 + sway, 176, 20, 26, "#7f8b95", radius=3)
        canvas.box(270 + sway, 170, 14, 10, BARK, radius=2)
    _arm(canvas, [(180 - 20 * back, 136), (206 - 10 * back, 168), hand], INK)
    _rider(canvas, 410, RED, "#3b2a20", faces=-1)


def _riders_just_stand(canvas: Canvas, moment: float) -> None:
    sway = 2 * wave(jerky(moment, 9), 3)
    _rider(canvas, 290 + sway, GREY, WOOD, faces=1)
    _arm(canvas, [(292 + sway, 128), (320, 96), (330, 58)], GREY)
    _rider(canvas, 160 + sway, INK, BARK, faces=-1)
    _arm(canvas, [(158 + sway, 130), (196, 96), (200, 58)], INK)
    fall = within(moment, 0.4, 0.7) ** 2
    _wallet(canvas, 246 + 18 * fall, 168 + 70 * fall)


def _table(canvas: Canvas) -> None:
    canvas.gradient("#5d6b73", "#8b979c", box=(0, 0, 480, 176))
    canvas.box(300, 18, 130, 110, "#b9cfd6", radius=4)
    canvas.box(300, 18, 130, 110, None, radius=4, line=CREAM, thick=7)
    canvas.line([(365, 18), (365, 128)], CREAM, 6)
    canvas.box(0, 176, 480, 94, WOOD)
    canvas.box(0, 176, 480, 7, "#c9a179")
    canvas.oval(210, 232, 96, 24, "#6f4f38")
    canvas.oval(206, 222, 92, 25, "#c8d3d6")
    canvas.oval(206, 219, 72, 16, "#8a979c")


def _smoke(canvas: Canvas, x: float, y: float, moment: float) -> None:
    for puff in range(26):
        age = (moment * 1.6 + puff / 26) % 1
        if age > moment * 2.2:
            continue
        drift = 18 * math.sin(age * 7 + puff) + 60 * age * math.sin(puff)
        canvas.disc(x + drift, y - 190 * age, 3 + 17 * age, mixed("#c9d2d5", "#7b888e", age))


def _cigarette(canvas: Canvas, long: float, *, glows: bool, moment: float) -> None:
    start, end = (196.0, 216.0), (196.0 + 96 * long, 216.0 - 30 * long)
    canvas.line([(150, 230), start], ORANGE, 11)
    canvas.line([start, end], WHITE, 11)
    if glows:
        canvas.disc(*end, 6.5, mixed(RED, YELLOW, 0.5 + 0.4 * wave(moment, 4)))
        canvas.glow(*end, 30, RED, strength=0.6)
    else:
        canvas.disc(*end, 5.5, "#a3764f")


def _cigarette_burns_down(canvas: Canvas, moment: float) -> None:
    long = 1 - 0.5 * moment
    tip = (196 + 96 * long, 216 - 30 * long)
    _smoke(canvas, tip[0], tip[1] - 6, 0.25 + moment * 0.75)
    for ash in range(int(moment * 9)):
        canvas.disc(286 - ash * 9, 226 + ash % 3 * 2, 4, "#5c676c")
    _cigarette(canvas, long, glows=True, moment=moment)


def _cigarette_lies_unlit(canvas: Canvas, moment: float) -> None:
    held = jerky(moment, 6)
    _cigarette(canvas, 1.0, glows=False, moment=moment)
    for mote in range(7):
        x = (mote * 71 + held * 50) % 480
        canvas.disc(x, 40 + (mote * 37) % 110, 2, "#aebbc0")


def _schoolyard(canvas: Canvas) -> None:
    canvas.box(0, 0, 480, 270, "#dfe6d3")
    canvas.box(0, 0, 480, 64, "#c9d6e0")
    canvas.box(40, 8, 400, 56, "#cf9f7d")
    for x in range(60, 412, 46):
        canvas.box(x, 20, 26, 30, "#dcecf2", radius=2)
    canvas.box(0, 60, 480, 6, "#a9b69a")
    canvas.disc(240, 168, 96, None, line=WHITE, thick=4)
    canvas.line([(0, 168), (144, 168)], WHITE, 4)
    canvas.line([(336, 168), (480, 168)], WHITE, 4)


def _figure(canvas: Canvas, x: float, y: float, colour: str, *, mouth: float = 0.0) -> None:
    """A small figure; `mouth` is -1 for sad, 1 for glad."""
    canvas.oval(x, y + 31, 17, 5, "#b6bfa6")
    canvas.box(x - 14, y - 4, 28, 34, colour, radius=11)
    canvas.disc(x, y - 16, 15, mixed(colour, WHITE, 0.22))
    canvas.disc(x - 5, y - 18, 2, INK)
    canvas.disc(x + 5, y - 18, 2, INK)
    if mouth > 0:
        canvas.arc(x, y - 15, 6, 20, 160, INK, 2)
    elif mouth < 0:
        canvas.arc(x, y - 5, 6, 200, 340, INK, 2)
    else:
        canvas.line([(x - 4, y - 10), (x + 4, y - 10)], INK, 2)


def _ring(canvas: Canvas, gap: float, lean: float, mouth: float, *, behind: bool) -> None:
    """Red figures in a circle; `gap` opens it on the right."""
    for at in range(9):
        angle = math.radians(25 + gap * 26 + at * (310 - gap * 52) / 8)
        if (math.sin(angle) < 0) != behind:
            continue
        x, y = 240 + 84 * math.cos(angle) + lean, 168 + 62 * math.sin(angle)
        _figure(canvas, x, y, RED, mouth=mouth)


def _pushed_out(canvas: Canvas, moment: float) -> None:
    out = eased(within(moment, 0.3, 0.8))
    shove = 10 * math.sin(math.pi * within(moment, 0.2, 0.5))
    x = 240 + 190 * out
    _ring(canvas, 1 - within(moment, 0.75, 0.95), shove, 1 if moment > 0.4 else 0, behind=True)
    _figure(canvas, x, 168 - 16 * math.sin(math.pi * out), BLUE, mouth=-1)
    _ring(canvas, 1 - within(moment, 0.75, 0.95), shove, 1 if moment > 0.4 else 0, behind=False)


def _welcomed(canvas: Canvas, moment: float) -> None:
    held = jerky(moment, 10)
    x = 430 - 190 * eased(within(held, 0.2, 0.8))
    _ring(canvas, 1, 3 * wave(held, 3), 1, behind=True)
    _figure(canvas, x, 168, BLUE if not 0.45 < moment < 0.55 else LEAF, mouth=1)
    _ring(canvas, 1, 3 * wave(held, 3), 1, behind=False)


CANDLE = (Film(_dark_room, _candle_is_lit, 3.0), Film(_dark_room, _candle_lights_itself_beside))
SINK = (
    Film(_kitchen, _hazard_goes_down_the_sink, 3.0),
    Film(_kitchen, _water_goes_down_the_sink, 3.0),
)
BUS = (Film(_bus, _pocket_is_picked, 3.0), Film(_bus, _riders_just_stand, 3.0))
CIGARETTE = (Film(_table, _cigarette_burns_down, 3.5), Film(_table, _cigarette_lies_unlit, 2.5))
CIRCLE = (Film(_schoolyard, _pushed_out, 3.5), Film(_schoolyard, _welcomed, 3.0))
