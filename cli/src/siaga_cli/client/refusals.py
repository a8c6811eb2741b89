"""What could not be done, as one sentence in the person's language and an exit code for programs."""

from collections.abc import Callable, Mapping
from typing import Any

from siaga_cli.wording import language, text

NOT_RUNNING_EXIT_CODE = 1
REFUSED_EXIT_CODE = 2
_KIND = "urn:siaga112:problem:"
_MOST_NAMED = 5


class CommandRefused(Exception):
    """A command could not be done; its text says what was wrong and what to do."""

    exit_code = REFUSED_EXIT_CODE


class BadInput(CommandRefused):
    """What a person typed cannot be used."""


class Refused(CommandRefused):
    """A service said no, for good."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Keep the problem (RFC 9457) and say it in the person's language."""
        super().__init__(sentence_of(status, problem))
        self.status = status
        self.kind = kind_of(problem)
        self.problem = problem


class Away(CommandRefused):
    """The system is not running here, or one of its services cannot be reached."""

    exit_code = NOT_RUNNING_EXIT_CODE


class NotUnderstood(CommandRefused):
    """A service answered something that this program cannot read."""

    exit_code = NOT_RUNNING_EXIT_CODE

    def __init__(self, service: str) -> None:
        """Name the service; its answer may hold anything and is not quoted."""
        super().__init__(
            text(
                "{service} gave an answer that this program cannot read. Is it another version?",
                service=service,
            )
        )


def not_running(place: str) -> Away:
    """Return the refusal where nothing was ever started, or all of it has ended."""
    return Away(text("Siaga is not running here ({place}); run: make run", place=place))


def service_away(service: str, url: str) -> Away:
    """Return the refusal while one service cannot be reached."""
    return Away(
        text(
            "{service} cannot be reached at {url}. If Siaga is running, see: siaga status; else run: make run",
            service=service,
            url=url,
        )
    )


def kind_of(problem: Mapping[str, Any]) -> str:
    """Return the last part of a problem's type."""
    return str(problem.get("type", "")).removeprefix(_KIND)


def sentence_of(status: int, problem: Mapping[str, Any]) -> str:
    """Say a problem as one sentence in the person's language; an unknown one in its own words."""
    say = _SAYINGS.get(kind_of(problem))
    if say is not None:
        return say(problem)
    detail = " ".join(str(problem.get("detail", "")).split())
    return text("The service refused ({status}): {detail}", status=status, detail=detail or "-")


def _not_possible(problem: Mapping[str, Any]) -> str:
    why = str(problem.get("reason", "")).replace("_", " ") or "-"
    return text("That is not possible now: {why}. Possible: {allowed}.", why=why, allowed=_allowed(problem))


def _not_in_catalogue(problem: Mapping[str, Any]) -> str:
    return text(
        "The tenant's configuration does not have this {field}. Known: {allowed}.",
        field=str(problem.get("field", "-")),
        allowed=_allowed(problem),
    )


def _allowed(problem: Mapping[str, Any]) -> str:
    return ", ".join(map(str, problem.get("allowed") or ())) or "-"


def _invalid(problem: Mapping[str, Any]) -> str:
    errors = [one for one in problem.get("errors") or () if isinstance(one, Mapping)]
    fields = ", ".join(str(one.get("field", "?")).partition(".")[2] or "?" for one in errors[:_MOST_NAMED])
    return text("These values do not fit: {fields}.", fields=fields or "?")


def _refused_configuration(problem: Mapping[str, Any]) -> str:
    return "\n".join(
        [text("The configuration is refused whole; the last good one stays in force."), *findings_of(problem)]
    )


def findings_of(problem: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a refused configuration, one line each."""
    errors = [one for one in problem.get("errors") or () if isinstance(one, Mapping)]
    messages = [one.get("message") for one in errors]
    return [
        str(one.get(language()) or one.get("en") or "-") if isinstance(one, Mapping) else str(one)
        for one in messages
    ]


def _account_refused(problem: Mapping[str, Any]) -> str:
    """Say which rule for accounts is broken; a newer rule in the service's own words."""
    detail = str(problem.get("detail", ""))
    return _rules_for_accounts().get(detail) or text(
        "The service refused ({status}): {detail}", status=problem.get("status", "-"), detail=detail or "-"
    )


def _rules_for_accounts() -> Mapping[str, str]:
    return {
        "A password has at least 12 characters; a sentence is good.": text(
            "A password has at least 12 characters; a sentence is good."
        ),
        "A password has at most 1024 bytes; choose a shorter one.": text(
            "A password has at most 1024 bytes; choose a shorter one."
        ),
        "This password is guessed at once; choose one without the account's id.": text(
            "This password is guessed at once; choose one without the account's id."
        ),
        "An account's id is 2 to 64 of a-z 0-9 . _ - and begins with a letter or digit.": text(
            "An account's id is 2 to 64 of a-z 0-9 . _ - and begins with a letter or digit."
        ),
        "An account's name is one line of 1 to 120 characters.": text(
            "An account's name is one line of 1 to 120 characters."
        ),
        "Only auditor, platform_admin, province_operator may belong to every tenant.": text(
            "Only auditor, platform_admin, province_operator may belong to every tenant."
        ),
    }


_SAYINGS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "unauthenticated": lambda _: text("The service does not accept this sign-in (any more). Try again."),
    "not_known": lambda _: text(
        "Account and password do not fit together, or the account is disabled. See SIAGA_ACCOUNT and SIAGA_PASSWORD_FILE."
    ),
    "too_soon": lambda _: text("Too many failed sign-ins; wait a little and try again."),
    "forbidden": lambda _: text("This account may not do that here."),
    "unknown": lambda _: text("There is nothing of that name in this tenant."),
    "conflict": lambda _: text("Somebody changed this first. Look at it again and decide again."),
    "not_possible": _not_possible,
    "not_in_catalogue": _not_in_catalogue,
    "key_reused": lambda _: text("This request was sent before with other content. Run the command again."),
    "account_refused": _account_refused,
    "invalid": _invalid,
    "too_large": lambda _: text("That is too long to be sent; shorten it."),
    "unreadable": lambda _: text("The request could not be read; check for unusual characters."),
    "configuration_refused": _refused_configuration,
    "failed_again": lambda problem: text(
        "It failed again and goes on waiting: {why}",
        why=str(problem.get("detail", "")).partition(": ")[2] or "-",
    ),
    "month_unreadable": lambda _: text("A month is written like 2026-11."),
    "spool_unwritable": lambda _: text("Nothing was kept: intake's disk cannot be written now. Try again."),
    "away": lambda _: text("The store or the bus cannot be reached now. Try again; nothing was lost."),
    "broken": lambda _: text("Something broke in the service; its log says what. Trying again is safe."),
}
