"""A run is made of words of the environment, and repeats from them."""

from pathlib import Path

import pytest

from bench.capacity_file import Capacity, write_capacity
from tests.faults.__main__ import promises_of, runs_of, settings_of
from tests.faults.promises import PROMISES
from tests.faults.setting import CAREFUL_CAPACITY, SettingUnreadable, capacity_of, stores_of, wanted_of


def test_without_words_each_promise_has_its_own_load_length_and_seeds() -> None:
    runs = list(settings_of(PROMISES[1], wanted_of({}, capacity=6.0), fresh_seed=7, store="s"))
    assert [one.seed for one in runs] == list(range(7, 17))
    assert {(one.calls_per_second, one.length) for one in runs} == {(3.0, 120.0)}


def test_words_are_taken() -> None:
    wanted = wanted_of({"SEED": "1", "RATE": "0.5", "LENGTH": "20"}, capacity=6.0)
    (setting,) = settings_of(PROMISES[1], wanted, fresh_seed=7, store="s")
    assert (setting.seed, setting.calls_per_second, setting.length) == (1, 0.5, 20.0)
    assert setting.storm_ends == setting.quiet + 20
    assert setting.calls == round((setting.storm_ends + setting.calm) * 0.5)


def test_a_capacity_that_is_named_counts_more_than_the_measured_one(tmp_path: Path) -> None:
    assert capacity_of(tmp_path, "mongod") == CAREFUL_CAPACITY
    write_capacity(tmp_path, Capacity(12.5, "mongod", "m", "c", "d", 600.0, 2, ramp_only=False))
    write_capacity(tmp_path, Capacity(9.0, "another", "m", "c", "d", 600.0, 2, ramp_only=False))
    assert capacity_of(tmp_path, "mongod") == 12.5
    assert wanted_of({"C": "8"}, capacity=12.5).capacity == 8.0


@pytest.mark.parametrize(
    "environ", [{"SEED": "x"}, {"RATE": "0"}, {"LENGTH": "-1"}, {"RATE": "fast"}, {"C": "0"}]
)
def test_what_is_no_number_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(SettingUnreadable):
        wanted_of(environ, capacity=4.0)


def test_only_names_promises() -> None:
    assert [one.number for one in promises_of({"ONLY": "2, 1"})] == [2, 1]
    whole = [one.number for one in promises_of({})]
    assert (0 in whole, len(whole)) == (False, len(PROMISES) - 1)
    with pytest.raises(SettingUnreadable, match="ONLY=99"):
        promises_of({"ONLY": "99"})


def test_every_promise_is_tried_once_before_one_is_tried_with_another_seed() -> None:
    promises = promises_of({})
    runs = [promise.number for promise, _ in runs_of(promises, {"s": wanted_of({}, capacity=6.0)})]
    assert runs == [*(one.number for one in promises), *[1] * (PROMISES[1].seeds - 1)]
    assert runs[:5] == [1, 5, 3, 4, 2]


def test_all_of_it_takes_between_an_hour_and_an_hour_and_a_half() -> None:
    wanted = wanted_of({}, capacity=6.0)
    runs = [
        one for promise in promises_of({}) for one in settings_of(promise, wanted, fresh_seed=7, store="s")
    ]
    assert 60 <= sum(one.storm_ends + one.calm for one in runs) / 60 <= 90


def test_the_store_is_the_best_that_is_there_or_the_one_that_is_named_or_each() -> None:
    assert stores_of({}, ["b", "a"]) == ("b",)
    assert stores_of({"STORE": "a"}, ["b", "a"]) == ("a",)
    assert stores_of({"STORE": "both"}, ["a"]) == ("secantusd-py", "secantusd-rs")
    with pytest.raises(SettingUnreadable, match="STORE=c: present are b, a"):
        stores_of({"STORE": "c"}, ["b", "a"])
