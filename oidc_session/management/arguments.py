"""Types of command-line arguments."""

from argparse import ArgumentTypeError

LONGEST = 1e9


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a number above zero")
    return int(text)


def seconds(text: str) -> float:
    number = _number(text)
    if not 0 < number < LONGEST:
        raise ArgumentTypeError(f"{text} is not a number of seconds above zero")
    return number


def seconds_or_none(text: str) -> float:
    number = _number(text)
    if not 0 <= number < LONGEST:
        raise ArgumentTypeError(f"{text} is not a number of seconds")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1
