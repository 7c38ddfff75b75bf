"""Where the curator's pages are."""

from __future__ import annotations

from django.urls import path

from config.curate import (
    annotators,
    campaign,
    explorer,
    exports,
    gold,
    items,
    overview,
    people,
    versions,
    workforce,
)

app_name = "curate"

urlpatterns = [
    path("", overview.datasets, name="datasets"),
    path("<slug:slug>/", overview.overview, name="overview"),
    path("<slug:slug>/items/", explorer.items, name="items"),
    path("<slug:slug>/items/<uuid:item_id>/", items.item, name="item"),
    path("<slug:slug>/items/<uuid:item_id>/rule/", items.rule, name="rule"),
    path("<slug:slug>/items/priority/", campaign.prioritise, name="prioritise"),
    path("<slug:slug>/campaign/", campaign.campaign, name="campaign"),
    path("<slug:slug>/campaign/guideline/", campaign.guideline, name="guideline"),
    path("<slug:slug>/campaign/limits/", campaign.limits, name="limits"),
    path("<slug:slug>/campaign/close/", campaign.close, name="close_campaign"),
    path("<slug:slug>/campaign/open/", campaign.open_again, name="open_campaign"),
    path("<slug:slug>/disputes/", items.disputes, name="disputes"),
    path("<slug:slug>/versions/", versions.version_list, name="versions"),
    path("<slug:slug>/versions/table/", versions.table, name="version_table"),
    path("<slug:slug>/versions/cut/", versions.cut, name="cut"),
    path("<slug:slug>/versions/<int:number>/", versions.version, name="version"),
    path("<slug:slug>/versions/<int:number>/exports/", exports.table, name="exports"),
    path("<slug:slug>/versions/<int:number>/exports/ask/", exports.ask, name="export"),
    path(
        "<slug:slug>/versions/<int:number>/exports/<int:export_id>/download/",
        exports.download,
        name="download",
    ),
    path("<slug:slug>/people/", people.people, name="people"),
    path("<slug:slug>/people/<uuid:key>/", annotators.annotator, name="annotator"),
    path("<slug:slug>/people/<uuid:key>/lift/", annotators.lift, name="lift"),
    path("<slug:slug>/people/<uuid:key>/end-work/", annotators.end_work, name="end_work"),
    path("<slug:slug>/people/<uuid:key>/set-aside/", annotators.set_aside, name="set_aside"),
    path("<slug:slug>/gold/", gold.gold_list, name="gold"),
    path("<slug:slug>/gold/settings/", gold.settings, name="check_settings"),
    path("<slug:slug>/gold/rules/", gold.rules, name="check_rules"),
    path("<slug:slug>/gold/new/<uuid:item_id>/<slug:step>/", gold.make, name="make_gold"),
    path("<slug:slug>/gold/<int:gold_id>/", gold.edit, name="edit_gold"),
    path("<slug:slug>/gold/<int:gold_id>/retire/", gold.retire, name="retire_gold"),
    path("<slug:slug>/people/invite/", people.invite, name="invite"),
    path("<slug:slug>/people/<int:invitation_id>/revoke/", people.revoke, name="revoke"),
    path("<slug:slug>/workforce/", workforce.workforce, name="workforce"),
    path("<slug:slug>/workforce/open/", workforce.open_entry, name="open_entry"),
    path("<slug:slug>/workforce/<int:entry_id>/close/", workforce.close_entry, name="close_entry"),
    path("<slug:slug>/workforce/<int:entry_id>/readmit/", workforce.readmit, name="readmit"),
    path("<slug:slug>/workforce/hours.csv", workforce.download_hours, name="hours"),
]
