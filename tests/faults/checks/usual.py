"""Whether somebody waited longer than usual while somebody else was in trouble."""

from collections.abc import Iterator, Sequence

from bench.percentiles import percentile


def waited_longer(
    who: str, quiet: Sequence[float], storm: Sequence[float], *, times: float, seconds: float, when: str
) -> Iterator[str]:
    """Name a 99th percentile that is over so many times the quiet one and over so many seconds.

    Args:
        who: the waiting and what they waited for, as the sentence begins.
        quiet: waits in seconds before the trouble.
        storm: waits in seconds during the trouble.
        times: how many times the quiet percentile is bearable.
        seconds: what is bearable however short the quiet one was.
        when: the trouble, as the sentence goes on.
    """
    if not quiet or not storm:
        yield f"{who} too seldom to tell what is usual"
        return
    usual, found = percentile(quiet, 0.99), percentile(storm, 0.99)
    limit = max(times * usual, seconds)
    if found > limit:
        yield f"{who} with a p99 of {found:.3f} s {when}, over {limit:.3f} s (quiet: {usual:.3f} s)"
