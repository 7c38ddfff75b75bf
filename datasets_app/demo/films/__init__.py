"""The films of the demo: for each prompt two, by the name that its pair gives them."""

from __future__ import annotations

from datasets_app.demo.films import indoors, outdoors
from datasets_app.demo.films.stage import Film

FILMS: dict[str, tuple[Film, Film]] = {
    "aurora": outdoors.AURORA,
    "ball": outdoors.BALL,
    "boat": outdoors.BOAT,
    "bus": indoors.BUS,
    "candle": indoors.CANDLE,
    "cigarette": indoors.CIGARETTE,
    "circle": indoors.CIRCLE,
    "rocket": outdoors.ROCKET,
    "sink": indoors.SINK,
    "traffic-light": outdoors.TRAFFIC_LIGHT,
}
