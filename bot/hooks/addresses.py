"""To which addresses events may be sent: to no machine that only the bot's network reaches."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
"""A gateway's addresses: the last 32 bits are the IPv4 address that is meant (RFC 6052)."""

PUBLIC_IPV6 = IPv6Network("2000::/3")
"""The addresses of the public Internet (RFC 4291), except for special ranges."""


def may_be_told(address: str, *, encrypted: bool, allow_private: bool) -> bool:
    """Return whether events may go to an IP address.

    A public one needs encryption; a private one has to be allowed, and then needs none.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return encrypted if _is_public(found) else allow_private


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody on the Internet can reach it."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped is not None:
        return _is_public(address.ipv4_mapped)
    if address in NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    # Of 6to4 an old gateway may be left, which leads to any IPv4 address.
    return address in PUBLIC_IPV6 and address.is_global and not address.sixtofour
