"""Names and numbers, checked before anybody is asked."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facegate.problems import Problem, ProblemError
from facegate.subjects import check_id_number, check_name

TODAY = date(2026, 11, 21)
FIRST, CHARACTERS = date(1900, 1, 1), "0123456789X"


def weighed(number: str) -> int:
    """GB 11643 the other way round: 2 to the power of the place, from the right; X is ten. 1 by 11 where it fits."""
    places = enumerate(reversed(number))
    return sum((10 if char == "X" else int(char)) << place for place, char in places) % 11


def completed(first_17: str) -> str:
    return next(first_17 + char for char in CHARACTERS if weighed(first_17 + char) == 1)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**count - 1).map(f"{{:0{count}d}}".format)


REGIONS = st.integers(100_000, 999_999).map(str)
BIRTHS = st.dates(FIRST, TODAY).map("{:%Y%m%d}".format)
NUMBERS = st.tuples(REGIONS, BIRTHS, digits(3)).map("".join).map(completed)
GOOD = completed("11010119900307123")


def refused(number: str, today: date = TODAY) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        check_id_number(number, today)
    return raised.value


def name_refused(name: str) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        check_name(name)
    return raised.value


@given(NUMBERS)
def test_every_number_by_the_rule_is_taken_whatever_its_region(number: str) -> None:
    assert check_id_number(number, TODAY) == number


@given(NUMBERS)
def test_of_all_check_characters_exactly_one_fits(number: str) -> None:
    fitting = []
    for char in CHARACTERS:
        try:
            fitting.append(check_id_number(number[:-1] + char, TODAY))
        except ProblemError as error:
            assert error.detail == "the check digit does not fit the other 17"
    assert fitting == [number]


@given(NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, at: int, more: int) -> None:
    digit = 10 if number[at] == "X" else int(number[at])
    wrong = number[:at] + str((digit + more) % 10) + number[at + 1 :]
    if wrong != number:
        assert refused(wrong).problem is Problem.ID_NUMBER_INVALID


@given(NUMBERS, st.integers(0, 16))
def test_two_neighbours_changed_round_are_noticed(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        assert refused(swapped).problem is Problem.ID_NUMBER_INVALID


@pytest.mark.parametrize(
    "number",
    ["990000190001010016", "990000190001010104", "990000190001010112", "990000190001010200", "990000190001010219",
     "990000190001010227", "990000190001010307", "990000190001010403", "99000019000101050X", "990000190001010606",
     "990000190001010905"],
)  # fmt: skip
def test_the_sandboxes_numbers_are_numbers(number: str) -> None:
    assert check_id_number(number, TODAY) == number


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "911156", "330114", "440310", "100000"])
def test_permits_and_renamed_regions_are_taken(region: str) -> None:
    number = completed(region + "19850614002")
    assert check_id_number(number, TODAY) == number


@given(NUMBERS, st.sampled_from(["", " ", "\n", "\u3000", "\t "]))
@example("99000019000101050X", " ")
def test_blanks_around_it_go_and_a_small_x_becomes_large(number: str, blanks: str) -> None:
    assert check_id_number(f"{blanks}{number.lower()}{blanks}", TODAY) == number


def test_the_number_on_the_vendors_page_is_none() -> None:
    assert refused("110110199909090909").detail == "the check digit does not fit the other 17"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("", "0 characters"), ("1", "1 characters"), (GOOD[:17], "17 characters"), (GOOD + "0", "19 characters"),
        ("x" * 15, "15 characters"), (GOOD[:6] + " " + GOOD[6:], "19 characters"),
        ("\uff11" + GOOD[1:], "full-width"), ("\u0661" * 18, "full-width"),
        ("\uff11" * 15, "full-width"),
        ("0" + GOOD[1:], "first not 0"), ("X" * 18, "17 digits"), (GOOD[:-1] + "A", "digit or X"),
        (GOOD[:9] + "X" + GOOD[10:], "17 digits"), ("-" + GOOD[1:], "17 digits"), (GOOD[:16] + "\u00b2" + "1", "17"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_said(number: str, says: str) -> None:
    error = refused(number)
    assert (error.problem, error.param) == (Problem.ID_NUMBER_INVALID, "subject.id_number")
    assert says in error.detail


@pytest.mark.parametrize("born", ["19990229", "19000229", "20230431", "20231301", "20230010", "20230100", "00000101"])
def test_a_day_that_never_was_is_no_birth_date(born: str) -> None:
    assert refused(completed(f"110101{born}123")).detail == "characters 7 to 14 are no date of the calendar"


@pytest.mark.parametrize("born", ["18991231", "20261122", "20991231", "99991231"])
def test_nobody_is_that_old_or_that_young(born: str) -> None:
    assert refused(completed(f"110101{born}123")).detail == "the birth date is before 1900 or after today"


@pytest.mark.parametrize("born", ["19000101", "20000229", "20261121"])
def test_both_ends_of_a_life_are_in_it(born: str) -> None:
    assert check_id_number(completed(f"110101{born}123"), TODAY)


def test_tomorrows_child_is_taken_tomorrow() -> None:
    number = completed(f"110101{TODAY + timedelta(days=1):%Y%m%d}123")
    assert refused(number)
    assert check_id_number(number, TODAY + timedelta(days=1)) == number


@given(digits(15))
def test_a_number_of_the_first_generation_is_refused_by_name(number: str) -> None:
    error = refused(number)
    assert (error.problem, error.param) == (Problem.ID_NUMBER_15_DIGITS, "subject.id_number")


@given(st.text(max_size=25) | digits(18))
def test_no_text_breaks_the_check_and_none_is_repeated_by_it(text: str) -> None:
    try:
        assert check_id_number(text, TODAY) == text.strip().upper()
    except ProblemError as error:
        assert len(text.strip()) < 12 or text.strip() not in str(error)


@pytest.mark.parametrize(
    "name",
    [
        "张三", "王", "欧阳娜娜", "〇", "\u3400\u4dbf", "\u4dae\u4d16", "\u9fff\u9fbf", "\ue000\uf8ff",
        "\uf92c\ufa0e\ufa20",         "\U00020000\U0002a6df", "\U0002a700", "\U0002b740",
        "\U0002b820", "\U0002ceb0", "\U0002ebf0", "\U0002f800",
        "\U00030000", "\U00031350", "\U000323b0", "阿卜杜拉\u00b7买买提", "迪丽\u00b7热巴\u00b7艾力", "张" * 50,
    ],
)  # fmt: skip
def test_a_name_as_it_stands_on_a_card_is_taken_as_it_is(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("dot", ["\u2022", "\u2027", "\u30fb", "\uff65", "\uff0e", ".", "\u0387", "\u00b7"])
def test_whatever_a_keyboard_makes_of_the_dot_is_the_dot(dot: str) -> None:
    assert check_name(f"阿卜杜拉{dot}买买提") == "阿卜杜拉\u00b7买买提"


@pytest.mark.parametrize("blanks", [" ", "\n", "\u3000", "\t  "])
def test_blanks_around_a_name_go(blanks: str) -> None:
    assert check_name(f"{blanks}张三{blanks}") == "张三"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "0 characters"), (" \u3000 ", "0 characters"), ("张" * 51, "51 characters"),
        ("Zhang San", "character 1 "), ("张3", "character 2 "), ("张 三", "character 2 "), ("张-三", "character 2 "),
        ("张\u200b三", "character 2 "), ("张\u2f00", "character 2 "), ("\u3042", "character 1 "),
        ("张\U0001f600", "character 2 "), ("张\ud800", "character 2 "), ("张\x00", "character 2 "),
        ("\u00b7张", "first, last or twice"), ("张\u00b7", "first, last or twice"), ("\u00b7", "first, last or twice"),
        ("阿\u00b7\u00b7卜", "first, last or twice"), ("阿.\u2022卜", "first, last or twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_name_is_said(name: str, says: str) -> None:
    error = name_refused(name)
    assert (error.problem, error.param) == (Problem.NAME_INVALID, "subject.name")
    assert says in error.detail


@given(st.text(max_size=60))
def test_no_name_breaks_the_check_and_checking_twice_changes_nothing(text: str) -> None:
    try:
        once = check_name(text)
    except ProblemError as error:
        assert len(text.strip()) < 12 or text.strip() not in str(error)
    else:
        assert check_name(once) == once
