"""Work for the tests of the explorer's jobs; in a module of its own, so that other processes load little."""

from __future__ import annotations

import os
import time

from wignerness._progress import report


def slow(seconds):
    time.sleep(seconds)
    return {"slept": seconds}


def dies(_):
    os._exit(3)


def reports(_):
    report("steps", 3, 3)
    time.sleep(0.3)
    return {}
