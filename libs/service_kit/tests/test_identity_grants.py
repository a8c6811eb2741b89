from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service_kit.identity.grants import (
    ANYWHERE,
    GRANTS,
    PLATFORM_ROLES,
    Action,
    Kind,
    Principal,
    PrincipalRefused,
    Role,
    Scope,
    _row,
    allowed,
    may_appoint,
)

TENANTS = ["53.03", "53.04", "53.71"]


def someone(*roles: Role, tenants: tuple[str, ...] = ("53.03",), **more: Any) -> Principal:
    return Principal(
        **{
            "subject": "siti",
            "name": "Siti",
            "kind": Kind.PERSON,
            "tenants": frozenset(tenants),
            "roles": frozenset(roles),
            **more,
        }
    )


def _people(roles: frozenset[Role]) -> st.SearchStrategy[Principal]:
    codes = [*TENANTS, ANYWHERE] if roles & PLATFORM_ROLES else TENANTS
    return st.builds(
        Principal,
        subject=st.just("siti"),
        name=st.just("Siti"),
        kind=st.sampled_from([Kind.PERSON, Kind.ROBOT]),
        tenants=st.frozensets(st.sampled_from(codes)),
        roles=st.just(roles),
    )


def anybody(among: frozenset[Role] = frozenset(Role)) -> st.SearchStrategy[Principal]:
    """Everybody who can exist, with roles from among these."""
    mixable = sorted(among - {Role.AGENCY, Role.BRIDGE})
    agencies = st.sampled_from(TENANTS).map(
        lambda code: someone(Role.AGENCY, kind=Kind.AGENCY, agency="damkar", tenants=(code,))
    )
    bridges = st.sampled_from(TENANTS).map(
        lambda code: someone(Role.BRIDGE, kind=Kind.BRIDGE, tenants=(code,))
    )
    people = st.frozensets(st.sampled_from(mixable)).flatmap(_people)
    return people | agencies | bridges


def province_operators() -> st.SearchStrategy[Principal]:
    """Everybody who is a province's operator, whatever else they are."""
    others = st.frozensets(st.sampled_from(sorted(set(Role) - {Role.AGENCY, Role.BRIDGE})))
    return others.map(lambda roles: roles | {Role.PROVINCE_OPERATOR}).flatmap(_people)


def test_the_table_answers_every_question() -> None:
    assert set(GRANTS) == set(Role)
    assert all(set(row) == set(Action) for row in GRANTS.values())


def test_every_action_is_granted_to_somebody() -> None:
    useful = {Scope.OWN, Scope.ANY}
    assert {action for action in Action if useful & {row[action] for row in GRANTS.values()}} == set(Action)


@given(anybody(), st.sampled_from(Action), st.sampled_from(TENANTS))
def test_nobody_gets_anything_in_a_tenant_they_do_not_list(
    who: Principal, action: Action, tenant: str
) -> None:
    assume(not {tenant, ANYWHERE} & who.tenants)
    assert not allowed(who, action, tenant)


@given(anybody(), st.sampled_from(Action), st.sampled_from(TENANTS))
def test_covering_every_tenant_brings_nothing_but_what_a_platform_role_brings(
    who: Principal, action: Action, tenant: str
) -> None:
    assume(tenant not in who.tenants)
    if allowed(who, action, tenant):
        assert any(GRANTS[role][action] is Scope.ANY for role in who.roles & PLATFORM_ROLES)


@given(province_operators(), st.sampled_from([*TENANTS, ANYWHERE]))
def test_a_province_operator_never_opens_personal_data_whatever_else_they_are(
    who: Principal, tenant: str
) -> None:
    assert not allowed(who, Action.OPEN_PERSONAL_DATA, tenant)


@given(anybody(), st.sampled_from(Action))
def test_the_platform_as_a_whole_is_only_for_who_covers_it(who: Principal, action: Action) -> None:
    if allowed(who, action, ANYWHERE):
        assert ANYWHERE in who.tenants
        assert any(GRANTS[role][action] is Scope.ANY for role in who.roles)


@given(anybody(), st.sampled_from(Action), st.sampled_from(TENANTS), st.sampled_from(TENANTS))
def test_one_more_tenant_never_changes_what_is_allowed_in_another(
    who: Principal, action: Action, tenant: str, other: str
) -> None:
    assume(tenant != other and who.kind is not Kind.AGENCY)
    wider = Principal(who.subject, who.name, who.kind, who.tenants | {other}, who.roles, who.agency)
    assert allowed(wider, action, tenant) == allowed(who, action, tenant)


def test_personal_data_are_opened_by_the_people_at_the_desk_alone() -> None:
    opening = {role for role in Role if GRANTS[role][Action.OPEN_PERSONAL_DATA] in {Scope.OWN, Scope.ANY}}
    assert opening == {Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR}
    assert all(GRANTS[role][Action.OPEN_PERSONAL_DATA] is not Scope.ANY for role in Role)


def test_platform_roles_are_those_three() -> None:
    assert {Role.PROVINCE_OPERATOR, Role.PLATFORM_ADMIN, Role.AUDITOR} == PLATFORM_ROLES


@pytest.mark.parametrize(
    ("role", "action", "expected"),
    [
        (Role.CALL_TAKER, Action.CLASSIFY, True),
        (Role.CALL_TAKER, Action.ESCALATE, True),
        (Role.CALL_TAKER, Action.MANAGE_TASKS, False),
        (Role.DISPATCHER, Action.MANAGE_TASKS, True),
        (Role.DISPATCHER, Action.REPLY_TASK, False),
        (Role.TENANT_ADMIN, Action.APPLY_TENANT, True),
        (Role.TENANT_ADMIN, Action.OPEN_PERSONAL_DATA, False),
        (Role.TENANT_ADMIN, Action.MANAGE_DEADLETTERS, False),
        (Role.PROVINCE_OPERATOR, Action.READ_FIGURES, True),
        (Role.PROVINCE_OPERATOR, Action.CLASSIFY, False),
        (Role.PLATFORM_ADMIN, Action.MANAGE_DEADLETTERS, True),
        (Role.PLATFORM_ADMIN, Action.READ_TICKETS, False),
        (Role.AUDITOR, Action.READ_AUDIT, True),
        (Role.AUDITOR, Action.MANAGE_ACCOUNTS, False),
    ],
)
def test_what_people_expect_of_the_table(role: Role, action: Action, expected: bool) -> None:
    assert allowed(someone(role), action, "53.03") is expected


def test_a_platform_role_works_everywhere_only_for_who_covers_every_tenant() -> None:
    assert allowed(someone(Role.PROVINCE_OPERATOR, tenants=(ANYWHERE,)), Action.READ_FIGURES, "53.71")
    assert not allowed(someone(Role.PROVINCE_OPERATOR), Action.READ_FIGURES, "53.71")


def test_an_operator_of_one_machine_works_in_named_tenants_and_runs_the_platform() -> None:
    operator = someone(Role.CALL_TAKER, Role.PLATFORM_ADMIN, tenants=("53.03", ANYWHERE))
    assert allowed(operator, Action.CLASSIFY, "53.03")
    assert not allowed(operator, Action.CLASSIFY, "53.04")
    assert allowed(operator, Action.APPLY_TENANT, "53.04")
    assert allowed(operator, Action.READ_STATUS, ANYWHERE)


def test_an_agency_replies_and_nothing_more() -> None:
    damkar = someone(Role.AGENCY, kind=Kind.AGENCY, agency="damkar")
    assert {action for action in Action if allowed(damkar, action, "53.03")} == {
        Action.READ_TASKS,
        Action.REPLY_TASK,
    }


@pytest.mark.parametrize(
    "impossible",
    [
        {"subject": ""},
        {"tenants": frozenset({""})},
        {"tenants": frozenset({ANYWHERE})},
        {"roles": frozenset({Role.AGENCY})},
        {"kind": Kind.AGENCY},
        {"kind": Kind.AGENCY, "roles": frozenset({Role.AGENCY})},
        {"kind": Kind.AGENCY, "roles": frozenset({Role.AGENCY, Role.SUPERVISOR}), "agency": "damkar"},
        {
            "kind": Kind.AGENCY,
            "roles": frozenset({Role.AGENCY}),
            "agency": "damkar",
            "tenants": frozenset(TENANTS),
        },
        {"agency": "damkar"},
        {"kind": Kind.BRIDGE},
        {"roles": frozenset({Role.BRIDGE})},
        {"kind": Kind.BRIDGE, "roles": frozenset({Role.BRIDGE, Role.CALL_TAKER})},
    ],
)
def test_nobody_is_two_things_that_exclude_each_other(impossible: dict[str, Any]) -> None:
    with pytest.raises(PrincipalRefused):
        someone(Role.CALL_TAKER, **impossible)


def test_a_tenants_admin_appoints_in_the_own_tenant_and_nobody_of_the_platform() -> None:
    admin = someone(Role.TENANT_ADMIN)
    assert may_appoint(admin, someone(Role.SUPERVISOR))
    assert not may_appoint(admin, someone(Role.SUPERVISOR, tenants=("53.04",)))
    assert not may_appoint(admin, someone(Role.SUPERVISOR, tenants=("53.03", "53.04")))
    assert not may_appoint(admin, someone(Role.PLATFORM_ADMIN))
    assert not may_appoint(admin, someone(Role.SUPERVISOR, tenants=()))


def test_the_platforms_admin_appoints_everybody_if_they_cover_every_tenant() -> None:
    assert may_appoint(
        someone(Role.PLATFORM_ADMIN, tenants=(ANYWHERE,)), someone(Role.AUDITOR, tenants=(ANYWHERE,))
    )
    assert not may_appoint(someone(Role.PLATFORM_ADMIN), someone(Role.AUDITOR))


@given(anybody(frozenset(Role) - {Role.TENANT_ADMIN, Role.PLATFORM_ADMIN}), anybody())
def test_who_may_not_manage_accounts_appoints_nobody(who: Principal, other: Principal) -> None:
    assert not may_appoint(who, other)


@pytest.mark.parametrize(
    ("impossible", "sentence"),
    [
        ({"subject": ""}, "a principal needs a subject, and its tenants need codes"),
        (
            {"tenants": frozenset({ANYWHERE})},
            "only auditor, platform_admin, province_operator may belong to every tenant",
        ),
        ({"agency": "damkar"}, "an agency, and nobody else, names the agency it is"),
        ({"kind": Kind.AGENCY}, "the role agency and the kind agency belong together and to nothing else"),
        (
            {
                "kind": Kind.AGENCY,
                "roles": frozenset({Role.AGENCY}),
                "agency": "damkar",
                "tenants": frozenset(),
            },
            "an agency's code means something in one tenant only: one token for each",
        ),
    ],
)
def test_who_cannot_be_is_told_why(impossible: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PrincipalRefused) as refused:
        someone(Role.CALL_TAKER, **impossible)
    assert str(refused.value) == sentence


def test_a_row_grants_what_it_names_and_nothing_else() -> None:
    row = _row(Action.READ_CALLS, anywhere=(Action.READ_STATUS,), never=(Action.READ_AUDIT,))
    named = {Action.READ_CALLS: Scope.OWN, Action.READ_STATUS: Scope.ANY, Action.READ_AUDIT: Scope.NEVER}
    assert row == dict.fromkeys(Action, Scope.NOWHERE) | named
