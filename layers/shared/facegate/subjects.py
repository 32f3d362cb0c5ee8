"""The name and the number of a person, as far as they can be checked without asking anybody. Pure.

Sources: GB 11643-1999 (number and check digit), GB/T 2260 (regions), and the notice of twelve ministries on the dot in
names (docs/vendors/yunjian.md). The region is never a reason to refuse: regions are renamed and people keep theirs.
Permits of Hong Kong, Macau and Taiwan residents (81, 82, 83) and the foreigners' permanent residence number (9...) have
the same length and check digit, and the birth date in the same columns. For the latter the columns are unconfirmed.
"""

import re
from datetime import date

from facegate.problems import Problem, ProblemError

LENGTH, OLD_LENGTH, MAX_NAME = 18, 15, 50
FIRST_BIRTH = date(1900, 1, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"  # by the remainder of the weighted sum by 11
NUMBER, NAME = "subject.id_number", "subject.name"
DOT = "\u00b7"
DOTS = str.maketrans(dict.fromkeys("\u2022\u2027\u30fb\uff65\uff0e.\u0387", DOT))  # what keyboards make of the dot
HAN = re.compile(
    "[\u3007\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufad9"  # compatibility ideographs; NFC would put others in their place, so it is not applied
    "\ue000-\uf8ff"  # private use: where the first card chips hold rare characters
    "\U00020000-\U0003fffd]"  # extension B and all that follow: two planes that hold nothing else
)


def check_id_number(text: str, today: date) -> str:
    """The number without blanks around it and with a capital X.

    `today` is the last possible birth date. Raises ProblemError, whose detail says what is wrong and never the number.
    """
    number = text.strip().replace("x", "X")
    if re.fullmatch(rf"[0-9]{{{OLD_LENGTH}}}", number):
        raise ProblemError(Problem.ID_NUMBER_15_DIGITS, NUMBER)
    wrong = _form(number) or _birth(number, today) or _check_digit(number)
    if wrong:
        raise ProblemError(Problem.ID_NUMBER_INVALID, NUMBER, wrong)
    return number


def check_digit(first_17: str) -> str:
    """The 18th character for 17 digits: MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def check_name(text: str) -> str:
    """The name without blanks around it and with U+00B7 for whatever stood for that dot.

    The characters themselves stay as they were given: the authority compares them as they are on the card. Raises
    ProblemError, whose detail says what is wrong and never the name.
    """
    name = text.strip().translate(DOTS)
    wrong = _name_fault(name)
    if wrong:
        raise ProblemError(Problem.NAME_INVALID, NAME, wrong)
    return name


def _form(number: str) -> str:
    if any(char.isdecimal() and not char.isascii() for char in number):
        return "digits that are not 0 to 9; full-width digits are not read"
    if len(number) != LENGTH:
        return f"{len(number)} characters, {LENGTH} are due"
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return "17 digits are due, the first not 0, and then a digit or X"
    return ""


def _birth(number: str, today: date) -> str:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "characters 7 to 14 are no date of the calendar"
    return "" if FIRST_BIRTH <= born <= today else f"the birth date is before {FIRST_BIRTH.year} or after today"


def _check_digit(number: str) -> str:
    return "" if number[-1] == check_digit(number[:-1]) else "the check digit does not fit the other 17"


def _name_fault(name: str) -> str:
    if not 1 <= len(name) <= MAX_NAME:
        return f"{len(name)} characters, 1 to {MAX_NAME} are due"
    for place, char in enumerate(name, 1):
        if char != DOT and not HAN.fullmatch(char):
            return f"character {place} is neither Han nor U+00B7"
    return "" if all(name.split(DOT)) else "U+00B7 stands first, last or twice in a row"
