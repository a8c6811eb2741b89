"""Tie a program to its parent, then become it: `tether.py PARENT_PID YIELDS PROGRAM ARGUMENT…`.

Run with `python -I -S`: the kernel then kills the program when its supervisor dies, however it died, so
that no broker or service is ever left behind on Linux. Standard library only, because it is started often.
"""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def give_way(yields: int) -> None:
    """Be so much nicer than the parent, also to the programs of other sessions.

    Where the kernel groups what it runs by sessions (`sched_autogroup`), niceness counts within a session
    only; each program here has one of its own, so the session must be as nice as its program.
    """
    nice = os.nice(yields)
    with contextlib.suppress(OSError):
        group = os.open("/proc/self/autogroup", os.O_WRONLY)
        os.write(group, str(nice).encode("ascii"))
        os.close(group)


def tie_to_parent(parent: int) -> bool:
    """Ask the kernel for SIGKILL at the parent's death; False when the parent is already gone."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


if __name__ == "__main__":
    if not tie_to_parent(int(sys.argv[1])):
        sys.exit(1)
    give_way(int(sys.argv[2]))
    try:
        os.execvp(sys.argv[3], sys.argv[3:])
    except OSError as reason:
        sys.exit(f"siaga: {sys.argv[3]}: {reason.strerror}")
