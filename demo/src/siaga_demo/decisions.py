"""What the demo's call takers make of a call. Pure: the same seed and call give the same decision.

The shares are those of real traffic (centres' published figures): mostly pranks, ghosts and questions.
"""

from dataclasses import dataclass

from shared_schemas.vocabulary import Classification
from siaga_demo.dice import Dice
from siaga_demo.phrases import Phrases, Place, Story

SHARES = (
    (Classification.GHOST, 0.26),
    (Classification.PRANK, 0.23),
    (Classification.INFORMATION, 0.17),
    (Classification.EMERGENCY, 0.16),
    (Classification.NON_EMERGENCY, 0.11),
    (Classification.WRONG_NUMBER, 0.05),
    (Classification.TEST, 0.02),
)
FIRES_AMONG_EMERGENCIES = 0.35
CLOSED_WITHOUT_AGENCY = {Classification.EMERGENCY: 0.08, Classification.NON_EMERGENCY: 0.4}
CLOSING_REASONS = (
    "sudah ditangani warga",
    "selesai dengan saran petugas",
    "api sudah padam, tidak ada korban",
)
NEVER_LEFT_ALONE = frozenset({"P1", "P2"})
"""Where help is needed soon, nobody closes a ticket without asking an agency."""

NOWHERE = Place("tempat tidak disebut")


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with one call.

    Attributes:
        fire: names a fire that several callers report; a later one joins the ticket of the first.
        closing_reason: why the ticket needs no agency; empty where agencies are asked.
    """

    classification: Classification
    story: Story | None = None
    place: Place | None = None
    fire: str = ""
    closing_reason: str = ""
    taker: int = 0
    thinking_seconds: float = 0


def decide(
    phrases: Phrases, *, seed: str, tenant: str, call_id: str, takers: int, told: str = ""
) -> Decision:
    """Decide about an answered call, or about one that somebody wrote down (`told`)."""
    dice = Dice(seed, tenant, call_id)
    taker = int(dice.share("taker") * takers)
    if told:
        story = phrases.nearest(told)
        label = Classification(story.lane)
        return Decision(label, _told_as(story, told), NOWHERE, taker=taker, thinking_seconds=5)
    label = classify(dice.share("class"))
    thinking = dice.between("thinking", 15, 45) if label.needs_help else dice.between("thinking", 4, 20)
    if not label.needs_help:
        return Decision(label, taker=taker, thinking_seconds=thinking)
    if label is Classification.EMERGENCY and dice.share("fire") < FIRES_AMONG_EMERGENCIES:
        return _fire(phrases, Dice(seed, tenant), dice, taker, thinking)
    story = dice.pick("story", phrases.of_lane(label.value))
    closes = dice.share("closes") < CLOSED_WITHOUT_AGENCY[label] and story.priority not in NEVER_LEFT_ALONE
    return Decision(
        label,
        story,
        _place(phrases, tenant, dice),
        closing_reason=dice.pick("reason", CLOSING_REASONS) if closes else "",
        taker=taker,
        thinking_seconds=thinking,
    )


def classify(share: float) -> Classification:
    """Return the class in whose part of the whole a throw falls."""
    for label, part in SHARES:
        if share < part:
            return label
        share -= part
    return SHARES[-1][0]


def _fire(phrases: Phrases, town: Dice, dice: Dice, taker: int, thinking: float) -> Decision:
    """One fire burns in each town; every caller tells it in one of two ways."""
    number = int(town.share("which fire") * len(phrases.fires))
    story = dice.pick("words", phrases.fires[number])
    place = Place("dekat pasar")
    return Decision(
        Classification.EMERGENCY, story, place, fire=f"fire-{number}", taker=taker, thinking_seconds=thinking
    )


def _place(phrases: Phrases, tenant: str, dice: Dice) -> Place:
    known = phrases.places.get(tenant, ())
    return dice.pick("place", known) if known else NOWHERE


def _told_as(story: Story, told: str) -> Story:
    """Return a person's own words as a story; how urgent it is, the tenant's catalogue says."""
    return Story(told, story.incident_type, "", story.lane)
