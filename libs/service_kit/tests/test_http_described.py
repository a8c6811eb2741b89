"""What an API's description says beside its bodies."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from service_kit.http import Commanded, granted
from service_kit.http.described import RIGHT, describe
from service_kit.identity import Action, Principal

Doorway = dict[str, Any]


@pytest.fixture
def described() -> Doorway:
    doors = APIRouter(prefix="/v1")

    @doors.get("/open")
    async def look() -> str:
        return "open to anybody"

    @doors.put("/things/{thing}")
    async def change(
        thing: int, command: Commanded, who: Annotated[Principal, Depends(granted(Action.CLASSIFY))]
    ) -> int:
        return thing

    app = FastAPI()
    app.include_router(doors)
    describe(app)
    made: Doorway = app.openapi()
    assert app.openapi() == made
    return made


def test_a_doorway_for_people_names_its_token_and_its_right(described: Doorway) -> None:
    change = described["paths"]["/v1/things/{thing}"]["put"]
    assert change["security"] == [{"token": []}]
    assert change[RIGHT] == "classify"
    assert {"401", "403"} <= set(change["responses"])


def test_a_command_asks_for_its_key_and_takes_the_version_seen(described: Doorway) -> None:
    change = described["paths"]["/v1/things/{thing}"]["put"]
    headers = {one["name"]: one["required"] for one in change["parameters"] if one["in"] == "header"}
    assert headers == {"Idempotency-Key": True, "If-Match": False}
    assert {"409", "422"} <= set(change["responses"])


def test_every_refusal_is_a_problem_and_no_other_form_is_left(described: Doorway) -> None:
    change = described["paths"]["/v1/things/{thing}"]["put"]
    refusals = [answer for status, answer in change["responses"].items() if status >= "4"]
    assert all(list(one["content"]) == ["application/problem+json"] for one in refusals)
    assert "HTTPValidationError" not in str(described)


def test_an_open_doorway_asks_for_nothing(described: Doorway) -> None:
    look = described["paths"]["/v1/open"]["get"]
    assert RIGHT not in look
    assert "security" not in look
    assert list(look["responses"]) == ["200"]
