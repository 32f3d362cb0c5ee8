"""The deployment's parameters: lists, lines, and what no stage but `local` may do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.settings import BadSettings, NoSuchLine, Settings, numbers_of, table_of

ENVIRONMENT = {name.upper(): "0" for name, kind in Settings.__annotations__.items() if kind is int} | {
    "STAGE": "prod",
    "VENDOR_ENDPOINTS": "tencent_reflect=https://a.example,yunjian=,kuaidi100=https://k.example/api?x=1",
    "VENDOR_OPTIONS": "yunjian/scheme=marketplace,kuaidi100/secret_code=a01,yunjian/note=a/b",
    "THRESHOLDS": "tencent_reflect/0.001=70,tencent_reflect/0.0001=80,tencent_id/0.0001=70,kuaidi100/1=80",
    "ROUTES": "liveness_compare=tencent_reflect,id_compare=tencent_id+yunjian",
}
SETTINGS = Settings.read(ENVIRONMENT)
rates = st.floats(1e-9, 0.9)
lines = st.dictionaries(rates, st.floats(1, 100), max_size=5)


def test_every_variable_is_a_field_of_its_type() -> None:
    assert (SETTINGS.stage, SETTINGS.lease_s, SETTINGS.host_header) == ("prod", 0, "")
    with pytest.raises(ValueError, match="soon"):
        Settings.read({**ENVIRONMENT, "LEASE_S": "soon"})


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("", {}), ("a=1", {"a": "1"}), ("a=1,b=2,", {"a": "1", "b": "2"}), ("a=", {"a": ""}),
        ("a=https://x.example/?k=v", {"a": "https://x.example/?k=v"}),
    ],
)  # fmt: skip
def test_a_list_is_read_as_a_table(text: str, table: dict[str, str]) -> None:
    assert table_of(text) == table


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RETRY_BUDGETS", "yunjian=1,kuaidi100=0,yunjian=0"), ("ROUTES", "id_compare=yunjian,id_compare=tencent_id"),
        ("MEDIA_BUCKETS", "ap-singapore=a-1,ap-singapore=b-1"), ("THRESHOLDS", "yunjian/1=70,yunjian/1=80"),
    ],
)  # fmt: skip
def test_what_is_said_twice_is_refused_before_anything_begins(name: str, text: str) -> None:
    """Nobody can tell which one is meant."""
    with pytest.raises(BadSettings, match="twice"):
        Settings.read({**ENVIRONMENT, name: text})


def test_a_list_of_numbers_holds_numbers() -> None:
    assert numbers_of("60=15,86400=30") == {"60": 15, "86400": 30}
    with pytest.raises(ValueError, match="ten"):
        numbers_of("60=ten")


def test_a_vendor_without_an_address_is_not_asked_here() -> None:
    assert SETTINGS.endpoints() == {"tencent_reflect": "https://a.example", "kuaidi100": "https://k.example/api?x=1"}


def test_each_vendor_sees_its_own_options() -> None:
    assert SETTINGS.options_of("yunjian") == {"scheme": "marketplace", "note": "a/b"}
    assert SETTINGS.options_of("kuaidi100") == {"secret_code": "a01"}
    assert SETTINGS.options_of("tencent_reflect") == {}


@pytest.mark.parametrize("budgets", ["yunjian=2", "yunjian=-1", "tencent_reflect=1,yunjian=3"])
def test_a_retry_budget_is_none_or_one(budgets: str) -> None:
    with pytest.raises(BadSettings, match="0 or 1"):
        Settings.read({**ENVIRONMENT, "RETRY_BUDGETS": budgets})


@pytest.mark.parametrize("option", ["yunjian/scheme=keypair", "tencent_id/wire=old"])
@pytest.mark.parametrize("stage", ["local", "prod"])
def test_a_misspelt_choice_stops_the_deployment_and_no_call(stage: str, option: str) -> None:
    """Found out while a request is signed, it would look like a vendor that fell silent."""
    with pytest.raises(BadSettings, match="no such choice"):
        Settings.read({**ENVIRONMENT, "STAGE": stage, "VENDOR_OPTIONS": option})


def test_a_route_is_an_order() -> None:
    assert SETTINGS.asked_by_kind() == {
        "liveness_compare": ("tencent_reflect",), "id_compare": ("tencent_id", "yunjian")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vendor", "target_far", "line"),
    [
        ("tencent_reflect", 0.001, (70.0, 0.001)), ("tencent_reflect", 0.0001, (80.0, 0.0001)),
        ("tencent_reflect", 0.0005, (80.0, 0.0001)), ("tencent_reflect", 0.01, (70.0, 0.001)),
        ("tencent_id", 0.001, (70.0, 0.0001)), ("tencent_id", 0.0001, (70.0, 0.0001)),
        ("kuaidi100", 0.0001, (80.0, None)), ("kuaidi100", 0.001, (80.0, None)),
        ("yunjian", 0.0001, (None, None)), ("nobody", 0.0001, (None, None)),
    ],
)  # fmt: skip
def test_the_line_is_the_most_lenient_that_is_strict_enough(
    vendor: str, target_far: float, line: tuple[float | None, float | None]
) -> None:
    assert SETTINGS.line_of(vendor, target_far) == line


@pytest.mark.parametrize("target_far", [0.00001, 0.0, -1.0, float("nan")])
@pytest.mark.parametrize(("vendor", "known"), [("tencent_reflect", "0.001, 0.0001"), ("tencent_id", "0.0001")])
def test_a_rate_that_no_line_is_strict_enough_for_is_refused_with_those_there_are(
    vendor: str, known: str, target_far: float
) -> None:
    with pytest.raises(NoSuchLine) as raised:
        SETTINGS.line_of(vendor, target_far)
    assert str(raised.value) == known


@given(lines, rates)
def test_a_line_never_stands_for_more_strangers_than_were_accepted(table: dict[float, float], wanted: float) -> None:
    settings = replace(SETTINGS, thresholds=",".join(f"v/{far!r}={line!r}" for far, line in table.items()))
    assert settings.lines_of("v") == table
    if table and min(table) > wanted:
        with pytest.raises(NoSuchLine):
            settings.line_of("v", wanted)
        return
    line, stated = settings.line_of("v", wanted)
    if stated is None:
        assert (line, table) == (None, {})
    else:
        assert stated <= wanted
        assert table[stated] == line
        assert not [far for far in table if stated < far <= wanted], "a more lenient one would have done"


@given(st.floats(1e-9, 0.9))
def test_an_advised_line_without_a_rate_never_claims_one(target_far: float) -> None:
    assert SETTINGS.line_of("kuaidi100", target_far) == (80.0, None)


@pytest.mark.parametrize("stage", ["prod", "staging", "", "Local"])
@pytest.mark.parametrize(
    "endpoints",
    ["tencent_reflect=http://a.example", "yunjian=https://a.example,kuaidi100=http://b.example/api", "yunjian=HTTP://a",
     "yunjian=a.example", "yunjian= https://a.example", "yunjian=ftp://a.example"],
)  # fmt: skip
def test_every_endpoint_is_https_on_every_stage_but_local(stage: str, endpoints: str) -> None:
    given = {**ENVIRONMENT, "STAGE": stage, "VENDOR_ENDPOINTS": endpoints}
    with pytest.raises(BadSettings) as raised:
        Settings.read(given)
    assert "example" not in str(raised.value), "the vendor is named, its address is not needed"
    assert Settings.read({**given, "STAGE": "local"}).stage == "local"


@pytest.mark.parametrize("name", ["LOCAL_ORIGINS", "COS_ORIGIN"])
def test_nothing_of_this_machine_is_reached_on_another_stage(name: str) -> None:
    for origin in ("https://a.example", "http://127.0.0.1:4603", "http://10.0.0.0/8:80"):
        with pytest.raises(BadSettings):
            Settings.read({**ENVIRONMENT, name: origin})
    assert Settings.read({**ENVIRONMENT, name: "http://127.0.0.1:1", "STAGE": "local"})
