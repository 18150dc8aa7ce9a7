"""Functions that sweeps in other processes import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import wignerness as wn


def chain(hopping, length=3, probe_rate=0.1):
    return wn.models.chain(length, hopping=hopping, rate=1.0, occupations=(1, 2), probe_rate=probe_rate)


def disordered(width, sample, rng):
    return wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2), disorder=width, rng=rng)


def poisonous(x, deadly):
    """Kills its process at some points, as the system does when memory runs out."""
    if x in deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return chain(hopping=0.1 + 0.01 * x, length=2)


def slow(x):
    time.sleep(0.01)
    return chain(hopping=0.1 + 0.01 * x, length=2)


def logged(x, log):
    """Writes down that it was asked for; one write a line, so that several processes may."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{x}\n".encode())
    os.close(descriptor)
    return slow(x)


class Echo:
    """A task that is no sweep."""

    def __init__(self, deadly=(), flag=None):
        self.deadly, self.flag = frozenset(deadly), flag

    def __call__(self, indices):
        for index in indices:
            if index in self.deadly and not (self.flag and Path(self.flag).exists()):
                if self.flag:
                    Path(self.flag).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return [str(index).encode() for index in indices]


class SlowEcho(Echo):
    def __call__(self, indices):
        time.sleep(0.02 * len(indices))
        return super().__call__(indices)


class Raising(Echo):
    """Ends its process in the way of Python."""

    def __call__(self, indices):
        if 2 in indices:
            raise KeyboardInterrupt
        return super().__call__(indices)


def unimportable():
    raise SystemExit(3)


class Unimportable:
    """Goes into a pickle, and does not come out of it."""

    def __call__(self, indices):
        return []

    def __reduce__(self):
        return (unimportable, ())
