"""What a whole run asked of the store and the broker, judged: a sentence for each weak guarantee. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.witness.deeds import Command, Deed, Reader, Sender
from tests.witness.excepted import is_excepted
from tests.witness.notes import Heard
from tests.witness.rules_of_the_bus import weak_reader, weak_sender
from tests.witness.rules_of_the_store import weaknesses


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentences, and how much was heard: nothing heard is no proof."""

    sentences: tuple[str, ...]
    programs: frozenset[str]
    commands: int
    senders: int
    readers: int

    def __str__(self) -> str:
        return (
            f"heard {self.commands} commands to the store, {self.senders} producers and {self.readers} consumers "
            f"in {len(self.programs)} programs: {len(self.sentences)} weak"
        )


def judge(heard: Iterable[Heard]) -> Verdict:
    """Judge what every process of a run did."""
    everyone = list(heard)
    return Verdict(
        sentences=tuple(dict.fromkeys(said for one in everyone for said in _sentences(one))),
        programs=frozenset(one.program for one in everyone if one.deeds),
        commands=_count(everyone, Command),
        senders=_count(everyone, Sender),
        readers=_count(everyone, Reader),
    )


def _count(everyone: Iterable[Heard], kind: type[Deed]) -> int:
    return sum(times for one in everyone for deed, times in one.deeds.items() if isinstance(deed, kind))


def _sentences(heard: Heard) -> Iterator[str]:
    for deed in heard.deeds:
        for weakness in _weaknesses(deed):
            if not is_excepted(deed):
                yield f"{heard.program}: {_what(deed)} {weakness} [{deed.by}]"


def _weaknesses(deed: Deed) -> Iterator[str]:
    match deed:
        case Command():
            return weaknesses(deed)
        case Sender():
            return weak_sender(deed)
        case Reader():
            return weak_reader(deed)


def _what(deed: Deed) -> str:
    match deed:
        case Command():
            return f"the command {deed.name} on {deed.database}.{deed.collection}"
        case Sender():
            return f"the producer {deed.client}"
        case Reader():
            return f"the consumer {deed.client}" + (f" of group {deed.group}" if deed.group else "")
