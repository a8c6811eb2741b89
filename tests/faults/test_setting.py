"""A run is made of words of the environment, and repeats from them."""

import pytest

from tests.faults.__main__ import promises_of
from tests.faults.setting import Setting, SettingUnreadable, setting_of


def test_without_words_it_is_two_minutes_at_two_calls_a_second_and_a_fresh_seed() -> None:
    assert setting_of({}, 7) == Setting(seed=7, calls_per_second=2.0, length=120.0)


def test_words_are_taken() -> None:
    setting = setting_of({"SEED": "1", "RATE": "0.5", "LENGTH": "20"}, 7)
    assert (setting.seed, setting.calls_per_second, setting.length) == (1, 0.5, 20.0)
    assert setting.storm_ends == setting.quiet + 20
    assert setting.calls == round((setting.storm_ends + setting.calm) * 0.5)


@pytest.mark.parametrize("environ", [{"SEED": "x"}, {"RATE": "0"}, {"LENGTH": "-1"}, {"RATE": "fast"}])
def test_what_is_no_number_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(SettingUnreadable):
        setting_of(environ, 7)


def test_only_names_promises() -> None:
    assert [one.number for one in promises_of({"ONLY": "2, 1"})] == [2, 1]
    assert [one.number for one in promises_of({})][:2] == [1, 2]
    with pytest.raises(SettingUnreadable, match="ONLY=99"):
        promises_of({"ONLY": "99"})
