"""Finding verifications again: newest first, by reference, by status, page by page."""

from typing import Any

import pytest
from deployed import VERIFICATIONS, Deployed


@pytest.fixture(scope="module")
def five(deployed: Deployed) -> tuple[Deployed, list[str]]:
    """Five of one tenant, oldest first; the second and the fourth share a reference, the last is canceled."""
    own = deployed.as_tenant("tenant_lists")
    names = [own.open(reference="shared" if number in (1, 3) else f"only-{number}")["id"] for number in range(5)]
    own.post(names[4], "cancel")
    return own, names


def listed(own: Deployed, **query: Any) -> tuple[list[str], str | None]:
    answer = own.api.request("GET", VERIFICATIONS, params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    return [one["id"] for one in page["data"]], page["next_cursor"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, [4, 3, 2, 1, 0]), ({"reference": "shared"}, [3, 1]), ({"reference": "nobody"}, []),
        ({"status": "canceled"}, [4]), ({"status": "requires_input"}, [3, 2, 1, 0]), ({"status": "verified"}, []),
        ({"reference": "shared", "status": "requires_input"}, [3, 1]),
        ({"reference": "shared", "status": "canceled"}, []),
    ],
)  # fmt: skip
def test_a_list_holds_what_was_asked_for(
    five: tuple[Deployed, list[str]], query: dict[str, str], wanted: list[int]
) -> None:
    own, names = five
    assert listed(own, **query) == ([names[number] for number in wanted], None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [({}, [4, 3, 2, 1, 0]), ({"reference": "shared"}, [3, 1]), ({"status": "requires_input"}, [3, 2, 1, 0])],
)
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_follow_one_another(
    five: tuple[Deployed, list[str]], query: dict[str, str], wanted: list[int], limit: int
) -> None:
    own, names = five
    found, cursor = listed(own, **query, limit=limit)
    pages = [found]
    while cursor:
        found, cursor = listed(own, **query, limit=limit, cursor=cursor)
        pages.append(found)
    assert [name for page in pages for name in page] == [names[number] for number in wanted]
    assert all(len(page) == limit for page in pages[:-1]) and pages[-1]


def test_a_listed_verification_is_the_one_that_is_read(five: tuple[Deployed, list[str]]) -> None:
    own, names = five
    assert own.api.call("GET", VERIFICATIONS)["data"][0] == own.read(names[4])


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"cursor": "!!!!"}, "cursor"), ({"cursor": "abcde"}, "cursor"), ({"cursor": "AAAA"}, "cursor"),
        ({"cursor": "dmVyX3g="}, "cursor"), ({"cursor": "A" * 200}, "cursor"), ({"cursor": ""}, "cursor"),
        ({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "many"}, "limit"),
        ({"status": "lost"}, "status"), ({"reference": "x" * 129}, "reference"),
    ],
)  # fmt: skip
def test_a_bad_question_is_400_and_names_the_field(
    five: tuple[Deployed, list[str]], query: dict[str, Any], param: str
) -> None:
    answer = five[0].api.request("GET", VERIFICATIONS, params=query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
