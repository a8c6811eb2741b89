"""Clear answers to requests that cannot be served (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service_kit.telemetry import logger
from service_kit.transient import is_transient

LOG = logger(__name__)
TYPE_PREFIX = "urn:siaga112:problem:"
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that cannot be served; says what is wrong, where, and what to do."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        """`kind` ends the problem's type URI; further members are added to the body."""
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers
        self.members = members

    def response(self) -> JSONResponse:
        """Return the problem as an HTTP response."""
        body = {
            "type": f"{TYPE_PREFIX}{self.kind}",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            **self.members,
        }
        return JSONResponse(body, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def unknown(what: str) -> Problem:
    """Return the answer to an id that is not there, or not this tenant's: the two look the same."""
    return Problem(HTTPStatus.NOT_FOUND, "unknown", f"There is no such {what} in this tenant.")


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [
            {"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()[:50]
        ]
        detail = "The request does not fit: " + "; ".join(
            f"{one['field']}: {one['message']}" for one in wrong[:3]
        )
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, errors=wrong).response()

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        return Problem(status, status.name.lower(), str(error.detail), headers=headers).response()


def unforeseen(error: Exception) -> JSONResponse:
    """Answer what no doorway expected: 503 while something is away, else 500; the log says which error."""
    if is_transient(error):
        return away().response()
    LOG.error("request.failed", exc_info=error)
    detail = "Something broke on our side; it is in the log. Sending the same again is safe."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", detail).response()


def away() -> Problem:
    """Return the answer while the store or the broker cannot be reached."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "away",
        "The store cannot be reached now. Send the same again, with the same Idempotency-Key.",
        headers={"Retry-After": "2"},
    )
