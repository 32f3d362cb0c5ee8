"""What is said to a make word, read: what it does not take is one line in the words of `make`, and ends 2."""

import argparse
import math
import re
from typing import NoReturn


class Words(argparse.ArgumentParser):
    def __init__(self, word: str, about: str | None = None) -> None:
        super().__init__(prog=word, description=about)

    def error(self, message: str) -> NoReturn:
        """`argument --since-day: ...` is SINCE_DAY of make."""
        said = re.sub(r"argument --([a-z-]+):", lambda found: f"{found[1].upper().replace('-', '_')}:", message)
        self.exit(2, f"{self.prog}: {said}\n")


def many(text: str) -> int:
    """So many of something: none would be nothing to do."""
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number from 1 on")
    return int(text)


def times(text: str) -> float:
    """So many times as long."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"`{text}` is no number above 0")
    return number
