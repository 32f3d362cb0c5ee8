"""Which addresses are public: 53 forms by which an inner address has been smuggled out, and some honest ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.addresses import is_public

HOSTILE = (
    # this machine, this network, private networks
    "0.0.0.0",  # noqa: S104
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "127.0.0.1", "127.0.0.2", "127.255.255.254", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "192.168.255.255",
    # link-local with the metadata services, carrier-grade NAT with another of them
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    # protocol assignments, documentation, benchmarks, 6to4 relay, multicast, reserved, broadcast
    "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    # IPv6: unspecified, this machine, link-local, unique local, site-local, multicast, documentation, discard, SRv6
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
    "100::1", "5f00::1",
    # IPv4 inside IPv6: mapped, compatible, translated, NAT64 twice, 6to4, Teredo, ISATAP twice, ORCHID
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::169.254.169.254", "::ffff:0:10.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2600::5efe:a9fe:a9fe", "2600::200:5efe:7f00:1", "2001:20::1",
)  # fmt: skip
HONEST = ("1.1.1.1", "8.8.8.8", "43.152.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::8a",
          "2400:cb00:2048:1::c629:d7a2")  # fmt: skip


def test_there_are_53_of_them() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) == 53


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_form_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", HONEST)
def test_an_honest_address_is(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_becomes_public_by_being_mapped(address: object) -> None:
    assert not is_public(f"::ffff:{address}")


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "1.1.1.1/32"])
def test_what_is_no_plain_address_is_never_public(text: str) -> None:
    """Short, hexadecimal and octal forms are made plain by the look-up before they come here."""
    with pytest.raises(ValueError, match="address"):
        is_public(text)
