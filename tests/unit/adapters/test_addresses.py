"""Which addresses are public: 53 forms by which an inner address has been smuggled out, and some honest ones."""

import json
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.addresses import is_public

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "addresses.json").read_text(encoding="utf-8"))
HOSTILE, HONEST = ([row["address"] for row in VECTORS[kind]] for kind in ("refused", "public"))
CARRIERS = {  # an IPv4 address within an IPv6 one -> where it stands, and what stands around it
    "mapped": 0xFFFF << 32, "compatible": 0, "translated": 0xFFFF << 48, "NAT64": 0x64FF9B << 96,
    "NAT64, local": 0x64FF9B0001 << 80, "ISATAP": 0x2600 << 112 | 0x5EFE << 32,
    "ISATAP, unique": 0x2600 << 112 | 0x2005EFE << 32,
}  # fmt: skip


def test_there_are_53_of_them() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) == 53


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_form_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", HONEST)
def test_an_honest_address_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("around", CARRIERS.values(), ids=CARRIERS)
@given(address=st.ip_addresses(v=4))
def test_no_ipv4_address_becomes_public_by_being_carried_in_an_ipv6_one(around: int, address: IPv4Address) -> None:
    assert not is_public(str(IPv6Address(around | int(address))))


@given(st.ip_addresses(v=4), st.integers(0, (1 << 80) - 1))
def test_nor_by_a_tunnel(address: IPv4Address, rest: int) -> None:
    """6to4 carries it behind its prefix."""
    assert not is_public(str(IPv6Address(0x2002 << 112 | int(address) << 80 | rest)))


@pytest.mark.parametrize("row", [*VECTORS["refused"], *VECTORS["public"]], ids=lambda row: row["address"])
def test_every_one_says_why_it_is_here(row: dict[str, str]) -> None:
    assert row.keys() == {"address", "why"} and row["why"]


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "1.1.1.1/32"])
def test_what_is_no_plain_address_is_never_public(text: str) -> None:
    """Short, hexadecimal and octal forms are made plain by the look-up before they come here."""
    with pytest.raises(ValueError, match="address"):
        is_public(text)
