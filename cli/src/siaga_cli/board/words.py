"""The glossary's words on the screen: every value that the board shows, in the person's language."""

from siaga_cli.wording import text


def word(value: str) -> str:
    """Return how a value of the contracts is said; an unknown word of a newer service stays as it is."""
    return _words().get(value, value.replace("_", " "))


def _words() -> dict[str, str]:
    return {
        "abandoned_in_menu": text("abandoned in the menu"),
        "abandoned_in_queue": text("abandoned in the queue"),
        "unanswered": text("unanswered"),
        "answered": text("answered"),
        "ongoing": text("in progress"),
        "open": text("open"),
        "escalated": text("with agencies"),
        "closed": text("closed"),
        "emergency": text("emergency"),
        "non_emergency": text("non-emergency"),
        "information": text("information"),
        "prank": text("prank"),
        "ghost": text("ghost call"),
        "wrong_number": text("wrong number"),
        "test": text("test"),
        "offered": text("asked"),
        "accepted": text("accepted"),
        "en_route": text("on the way"),
        "on_scene": text("on scene"),
        "done": text("done"),
        "declined": text("declined"),
        "cancelled": text("called off"),
        "waiting": text("waiting"),
        "delivered": text("delivered"),
        "failed": text("failed"),
        "withdrawn": text("withdrawn"),
        "helped": text("helped"),
        "partly_helped": text("partly helped"),
        "not_helped": text("not helped"),
        "no_agency_needed": text("no agency needed"),
        "duplicate": text("duplicate"),
        "received": text("received"),
        "classified": text("classified"),
        "unclassified": text("not yet classified"),
        "tickets": text("tickets"),
    }
