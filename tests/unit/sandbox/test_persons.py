"""The authority's record: who is registered, what a magic name does, and who simply passes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import persons, scenarios
from sandbox.persons import MAGIC, NAMES, REGISTRY, Person

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
UNREGISTERED = "11010119900307889"


def number_of(body: str) -> str:
    """With its check digit, by the weights of GB 11643."""
    rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def said(name: str, number: str) -> str:
    return persons.said({"name": name, "id_number": number})


@pytest.mark.parametrize("person", REGISTRY, ids=lambda person: person.number)
def test_a_registered_person_has_a_valid_number_of_nowhere_and_their_outcome(person: Person) -> None:
    assert person.number == number_of(person.number[:17])
    assert person.number.startswith("99000019000101")
    assert person.scenario in scenarios.TABLE
    assert said(person.name, person.number) == said(f" {person.name} ", person.number.lower()) == person.scenario


@pytest.mark.parametrize("person", REGISTRY, ids=lambda person: person.number)
def test_another_name_does_not_fit_unless_there_is_nobody_to_compare_with(person: Person) -> None:
    expected = "id_not_found" if person.scenario == "id_not_found" else "id_name_mismatch"
    assert said("欧阳别", person.number) == expected


@pytest.mark.parametrize("word", NAMES)
def test_a_magic_name_wins_over_the_number(word: str) -> None:
    assert NAMES[word] in scenarios.TABLE
    assert said(MAGIC + word, REGISTRY[1].number) == said(MAGIC + word, "no number") == NAMES[word]
    assert all("\u4e00" <= character <= "\u9fff" for character in MAGIC + word)  # so that a name check lets it through


def test_a_magic_surname_with_a_word_of_no_table_is_a_name_like_any_other() -> None:
    assert said("测试甲", number_of(UNREGISTERED)) == ""
    assert said("测试甲", REGISTRY[0].number) == "id_name_mismatch"


def test_without_a_name_or_a_number_there_is_nothing_to_say() -> None:
    assert persons.said({}) == ""
    assert said("", number_of(UNREGISTERED)) == "name_invalid"


@given(
    st.dates(date(1900, 1, 1), date.today() - timedelta(days=1)),  # noqa: DTZ011
    st.integers(110000, 899999),
    st.integers(0, 999),
)
def test_every_valid_number_that_is_not_registered_passes_and_no_other(day: date, region: int, serial: int) -> None:
    body = f"{region}{day:%Y%m%d}{serial:03d}"
    fitting = [body + check for check in "0123456789X" if persons.is_number(body + check)]
    assert fitting == [number_of(body)]
    assert said("张三", fitting[0]) == ""


@pytest.mark.parametrize(
    "number",
    ["", "110110199909090909", number_of(UNREGISTERED)[:17], number_of(UNREGISTERED) + "0", "1101011990030788９X",
     number_of("11010119900230788"), number_of("11010129990307888"), "x" * 18, "²" * 18],
)  # fmt: skip
def test_what_can_be_no_number_is_refused(number: str) -> None:
    assert said("张三", number) == "id_invalid"
