"""Copies of a regency are regencies of their own."""

from bench.system import CHECKOUT
from bench.tenants import Extra, State, copies, tenants_section
from siaga_cli.run.tenants import read_tenants

PLACEHOLDERS = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "example.org"}


def test_five_hundred_copies_share_no_code_no_abbreviation_and_no_exchange() -> None:
    (first, *_) = read_tenants(CHECKOUT / "tenants", PLACEHOLDERS)
    made = copies(first, 500)
    assert len({one.code for one in made}) == len({one.abbreviation for one in made}) == 500
    assert len({trunk.exchange for one in made for trunk in one.trunks}) == 500 * len(first.trunks)


def test_the_cost_of_one_is_told_in_kilobytes() -> None:
    before, after = State({"triage": 90.0}, {"triage": 0.02}), State({"triage": 95.0}, {"triage": 0.03})
    section = tenants_section(Extra(100, [0.05], 6.0, before, after))
    assert section.figures[1].value == "50 kB"
