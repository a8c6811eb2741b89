"""What callers of the demo say: stories, places, and pairs of reports of one fire."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HELPABLE = ("emergency", "non_emergency")
UNSPOKEN_TYPES = frozenset({"prank", "information", "other"})
DISTRICT_PARTS = 3
_WORD = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Story:
    """A caller's words and what a good call taker hears in them."""

    text: str
    incident_type: str
    priority: str
    lane: str


@dataclass(frozen=True, slots=True)
class Place:
    """Words for a place, and the district they mean, if one can be known."""

    text: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything that can be said."""

    stories: Sequence[Story]
    places: Mapping[str, Sequence[Place]]
    fires: Sequence[tuple[Story, Story]]

    def of_lane(self, lane: str) -> Sequence[Story]:
        """Return the stories that a ticket of this lane may tell."""
        return [one for one in self.stories if one.lane == lane and one.incident_type not in UNSPOKEN_TYPES]

    def nearest(self, text: str) -> Story:
        """Return a story for help of the type whose stories share most words with what somebody wrote.

        A word counts for a type by how much more often its stories use it than all stories do.
        """
        every = [one for lane in HELPABLE for one in self.of_lane(lane)]
        said = _words(text)
        scores: dict[str, float] = dict.fromkeys(sorted({one.incident_type for one in every}), 0.0)
        for word in said:
            users = [one.incident_type for one in every if word in _words(one.text)]
            for kind in scores:
                scores[kind] += users.count(kind) / len(users) if users else 0
        likeliest = max(scores, key=lambda kind: scores[kind])
        told = [one for one in every if one.incident_type == likeliest]
        return max(told, key=lambda one: len(said & _words(one.text)))


def read_phrases(folder: Path) -> Phrases:
    """Read the phrases of a folder."""
    places: dict[str, list[Place]] = {}
    for row in _rows(folder / "places.jsonl"):
        if row["kind"] in {"village", "landmark", "district"}:
            places.setdefault(row["tenant"], []).append(Place(row["text"], _district(row["expect_codes"])))
    return Phrases(
        stories=[_story(row) for row in _rows(folder / "stories.jsonl")],
        places=places,
        fires=[
            (_fire(row["a"]), _fire(row["b"]))
            for row in _rows(folder / "duplicates.jsonl")
            if row["same"] is True and row["a"]["type"] == row["b"]["type"] == "structure_fire"
        ],
    )


def _story(row: Mapping[str, Any]) -> Story:
    return Story(row["text"], row["type"], row["priority"], row["lane"])


def _fire(report: Mapping[str, Any]) -> Story:
    return Story(report["text"], report["type"], "P1", "emergency")


def _district(codes: Sequence[str]) -> str:
    """A village's code begins with its district's."""
    parts = codes[0].split(".") if codes else []
    return ".".join(parts[:DISTRICT_PARTS]) if len(parts) >= DISTRICT_PARTS else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
