"""The small page behind a reply link: a GET shows it and changes nothing, its button records the reply.

Chat and mail programs fetch links ahead, so only the POST counts (architecture, decision 15).
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse

from agency_notifier.api.page_text import Page, Words, closing, confirmation, notice, preferred
from agency_notifier.api.reason import LONGEST_REASON, on_one_line
from agency_notifier.application.ports import LinkBroken, LinkExpired
from agency_notifier.application.reply_task import OpenedLink, OpenLink, ReplyTask, Said
from service_kit.clock import Clock
from service_kit.http import saved_or_problem
from service_kit.telemetry import span
from shared_schemas.vocabulary import ReplyKind

MOST_FIELDS = 10
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

Language = Annotated[str, Header(alias="accept-language")]


def router(open_link: OpenLink, reply: ReplyTask, clock: Clock) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/r", tags=["reply links"])

    @doors.get("/{token}", response_class=HTMLResponse)
    async def show_link(token: str, language: Language = "") -> HTMLResponse:
        """Show what the button would say; nothing happens yet. Where the task has ended there is no button."""
        words = preferred(language)

        async def show(link: OpenedLink) -> Page:
            return closing(link, words) or confirmation(link, words)

        return await _page(open_link, token, words, show)

    @doors.post("/{token}", response_class=HTMLResponse)
    async def press_button(token: str, request: Request, language: Language = "") -> HTMLResponse:
        """Record the reply; pressing again changes nothing and says so. A decline needs a reason.

        Where the task has ended the page says so, and thanks nobody: an agency must not set out for it.
        """
        words, reason = preferred(language), _reason(await request.body())

        async def press(link: OpenedLink) -> Page:
            if link.reply is ReplyKind.DECLINED and not reason:
                page = confirmation(link, words, hint=words.reason_missing)
                return closing(link, words) or Page(page.html, HTTPStatus.UNPROCESSABLE_ENTITY)
            with span("agency reply", parent=link.asked.traceparent):
                result = await reply.by_link(link.asked, Said(link.reply, reason), clock())
            repeated = saved_or_problem(result, what="reply").repeated
            said = words.already if repeated else words.recorded
            return closing(link, words, noted=True) or notice(said, words, about=link)

        return await _page(open_link, token, words, press)

    return doors


async def _page(
    open_link: OpenLink, token: str, words: Words, make: Callable[[OpenedLink], Awaitable[Page]]
) -> HTMLResponse:
    try:
        page = await make(await open_link(token))
    except LinkExpired:
        page = notice(words.expired, words, status=HTTPStatus.GONE)
    except LinkBroken:
        page = notice(words.broken, words, status=HTTPStatus.NOT_FOUND)
    return HTMLResponse(page.html, page.status, headers=HEADERS)


def _reason(body: bytes) -> str:
    """Read the form's one field; a form of very many fields is not the page's and says nothing."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    return on_one_line(" ".join(fields.get("reason", [])))[:LONGEST_REASON]
