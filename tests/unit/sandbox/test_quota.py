"""The vendor's rate, on a clock of our own."""

from sandbox.quota import PER_SECOND, Quota

DETECT = "DetectReflectLivenessAndCompare"


def test_five_calls_fit_into_any_second_and_no_sixth() -> None:
    quota = Quota()
    assert [quota.admits(DETECT, "r", 10 + n / 10) for n in range(6)] == [True] * 5 + [False]


def test_the_second_slides() -> None:
    quota = Quota()
    for at in (0.0, 0.9, 0.9, 0.9, 0.9):
        assert quota.admits(DETECT, "r", at)
    assert quota.admits(DETECT, "r", 1.0)
    assert not quota.admits(DETECT, "r", 1.5)


def test_a_refused_call_does_not_count() -> None:
    quota = Quota()
    assert sum(quota.admits(DETECT, "r", 0.5) for _ in range(50)) == 5
    assert quota.admits(DETECT, "r", 1.5)


def test_each_action_and_each_region_has_its_own() -> None:
    quota = Quota()
    for action, limit in PER_SECOND.items():
        for region in ("a", "b"):
            assert sum(quota.admits(action, region, 0.0) for _ in range(50)) == limit
