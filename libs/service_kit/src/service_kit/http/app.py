"""The HTTP app of a service: problems, strict bodies, traces, health, and nothing from foreign hosts."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from fastapi import FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import SpanKind
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service_kit import metrics
from service_kit.http import problems
from service_kit.http.access import Gate
from service_kit.http.bodies import StrictBodies
from service_kit.http.described import describe
from service_kit.reading import each_document_once
from service_kit.telemetry import span

Report = Callable[[], Awaitable[dict[str, object]]]
Ready = Callable[[], Awaitable[list[str]]]

NOT_THE_FRAMEWORKS = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)
"""FastAPI's own telemetry is off, also where the environment asks for it: it writes whole paths and queries
(a reply link's token is a path) and errors' messages (what callers said), and four spans for every look."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""What metrics tell apart; the method is whatever a stranger writes, and every new one would be a new row."""


def make_app(title: str, *, version: str, gate: Gate, report: Report, ready: Ready) -> FastAPI:
    """Make an app with health, metrics and clear errors; the service adds its doorways.

    Args:
        title: the service's name.
        version: what `/version` tells.
        gate: how people are known.
        report: numbers for `/status`: progress, lag, what waits.
        ready: reasons why the service is not ready; none means ready.
    """
    app = FastAPI(
        title=title,
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # a redirect's address would be made from whatever host the asker names
        telemetry=NOT_THE_FRAMEWORKS,
    )
    app.state.gate = gate
    problems.install(app)
    app.add_middleware(Observed)
    app.add_middleware(StrictBodies)
    app.add_middleware(HeadAsGet)
    _add_health(app, title, version, report, ready)
    describe(app)
    return app


class HeadAsGet:
    """Answers HEAD as GET without the body (RFC 9110 §9.3.2); a GET changes nothing, so nor does this."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as GET, and hand on the answer's head alone."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bare)


class Observed:
    """Times each request, runs it in the caller's trace where the caller names one, and answers if it broke.

    Plain ASGI: Starlette's middleware for functions starts a task and a queue for each request.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), list[int]()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
            await send(message)

        request = Request(scope)
        method = request.method if request.method in METHODS else "other"
        with _in_the_trace(request, method):
            await self._answer(request, receive, noting, begun=status)
        took = time.perf_counter() - began
        metrics.HTTP_SECONDS.labels(method, _route(request), str(*status[:1])).observe(took)

    async def _answer(self, request: Request, receive: Receive, send: Send, *, begun: list[int]) -> None:
        """Answer also where the doorway broke.

        Left to the framework, the error would go on to the server, which then cuts the connection under
        the next request and logs it a second time; and no metric would count it.
        """
        try:
            with each_document_once():
                await self._app(request.scope, receive, send)
        except Exception as error:
            answer = problems.unforeseen(error)
            if begun:
                raise
            await answer(request.scope, receive, send)


@contextmanager
def _in_the_trace(request: Request, method: str) -> Iterator[None]:
    """Run a request as a span of the trace that it names, if it names one."""
    parent = request.headers.get("traceparent", "")
    if not parent:
        yield
        return
    with span(method, parent=parent, kind=SpanKind.SERVER) as running:
        yield
        running.update_name(f"{method} {_route(request)}")


def _route(request: Request) -> str:
    """Return the route's template, never the path: a path may hold a link's token."""
    return str(getattr(request.scope.get("route"), "path", "unmatched"))


def _add_health(app: FastAPI, title: str, version: str, report: Report, ready: Ready) -> None:
    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """Say that the event loop runs."""
        return {"status": "alive"}

    @app.get("/readyz", tags=["health"])
    async def readyz() -> JSONResponse:
        """Say whether the service makes progress, and what it waits for."""
        missing = await ready()
        return JSONResponse({"ready": not missing, "waiting_for": missing}, 503 if missing else 200)

    @app.get("/status", tags=["health"])
    async def status() -> dict[str, object]:
        """Tell progress in numbers: lag, outbox, dead letters; never personal data."""
        return await report()

    @app.get("/version", tags=["health"])
    async def tell_version() -> dict[str, str]:
        """Tell what runs here."""
        return {"service": title, "version": version}

    @app.get("/metrics", tags=["health"])
    async def tell_metrics() -> Response:
        """Tell the metrics in Prometheus' text format, with the numbers of `/status` as they are now."""
        metrics.show_status(await report())
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
