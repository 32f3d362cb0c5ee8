"""Which addresses the public internet routes: an allow-list, since `is_global` lets a dozen hostile forms by."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

PUBLIC_V6 = IPv6Network("2000::/3")
NOT_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))  # tunnels, documentation
NOT_V4 = tuple(
    map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3"))
)  # protocol, 6to4 relay, multicast on
ISATAP = (0x00005EFE, 0x02005EFE)  # an interface id that carries an IPv4 address


def is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    return _public_v4(address) if isinstance(address, IPv4Address) else _public_v6(address)


def _public_v4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in NOT_V4)


def _public_v6(address: IPv6Address) -> bool:
    if address not in PUBLIC_V6 or any(address in network for network in NOT_V6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in ISATAP
