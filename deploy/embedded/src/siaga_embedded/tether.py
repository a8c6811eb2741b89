"""Tie a program to its parent, then become it: `tether.py PARENT_PID PROGRAM ARGUMENT…`.

Run with `python -I -S`: the kernel then kills the program when its supervisor dies, however it died, so
that no broker or service is ever left behind on Linux. Standard library only, because it is started often.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to_parent(parent: int) -> bool:
    """Ask the kernel for SIGKILL at the parent's death; False when the parent is already gone."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


if __name__ == "__main__":
    if not tie_to_parent(int(sys.argv[1])):
        sys.exit(1)
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as reason:
        sys.exit(f"siaga: {sys.argv[2]}: {reason.strerror}")
