"""What each process has of its own, made when it is first needed."""

import os
from collections.abc import Callable
from functools import cache, wraps
from typing import TypeVar

T = TypeVar("T")


def per_process(make: Callable[[], T]) -> Callable[[], T]:
    """Call a function once in a process: one that was forked has none of its parent's threads."""

    @cache
    def made(process: int) -> T:
        return make()

    @wraps(make)
    def of_this_process() -> T:
        return made(os.getpid())

    return of_this_process
