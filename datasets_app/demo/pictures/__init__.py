"""The pictures of the demo, each by the name that its row gives it."""

from __future__ import annotations

from collections.abc import Callable

from datasets_app.demo.canvas import Canvas
from datasets_app.demo.pictures import papers, plans, screens, signs

PICTURES: dict[str, Callable[[], Canvas]] = {
    "axis-chart": screens.axis_chart,
    "camera-plan": plans.camera_plan,
    "cleaning-shelf": plans.cleaning_shelf,
    "cleanse": signs.cleanse,
    "council-letter": papers.council_letter,
    "exam-sheet": papers.exam_sheet,
    "fridge-notes": signs.fridge_notes,
    "goldfish": plans.goldfish,
    "group-chat": screens.group_chat,
    "hot-car": signs.hot_car,
    "id-card": papers.id_card,
    "invoice": papers.invoice,
    "jogging-map": plans.jogging_map,
    "lemon-paper": papers.lemon_paper,
    "parcel-mail": screens.parcel_mail,
    "pill-label": papers.pill_label,
    "rack": plans.rack,
    "river-chart": screens.river_chart,
    "storm-drain": signs.storm_drain,
    "thin-ice": signs.thin_ice,
}
