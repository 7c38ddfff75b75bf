"""What need not be looked for."""

from __future__ import annotations

from datasets_app.intake.strangers import NoStrangers, Strangers


def test_who_was_never_asked_for_is_a_stranger_once() -> None:
    strangers = Strangers()
    assert not strangers.may_be_known("a")
    assert strangers.may_be_known("a")


def test_it_errs_on_the_safe_side() -> None:
    strangers = Strangers(bits=64)
    keys = [f"key {number}" for number in range(200)]
    for key in keys:
        strangers.may_be_known(key)
    assert all(strangers.may_be_known(key) for key in keys)


def test_where_something_is_already_anything_may_be_known() -> None:
    assert NoStrangers().may_be_known("a")
