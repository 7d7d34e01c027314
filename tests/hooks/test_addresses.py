"""Events go to the public Internet by https, and inside only if the operator says so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hooks.addresses import may_be_told

PUBLIC = (
    "93.184.215.14",
    "8.8.8.8",
    "2606:4700::1111",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
)
INSIDE = (
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104 - nobody binds to it
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "2002:0a00:0001::1",
    "2002:0808:0808::1",
    "2001:0:a00:1::1",
    "4000::1",
    "hook.example",
    "",
)


@pytest.mark.parametrize("address", PUBLIC + INSIDE)
def test_only_public_addresses_are_told_unless_the_operator_says_so(
    address: str,
) -> None:
    """The name of a receiver may lead to the cloud's metadata, or to a printer."""
    is_public = address in PUBLIC
    is_address = address not in {"hook.example", ""}

    assert may_be_told(address, encrypted=True, allow_private=False) is is_public
    assert not may_be_told(address, encrypted=False, allow_private=False)
    for encrypted in (True, False):
        allowed = may_be_told(address, encrypted=encrypted, allow_private=True)
        assert allowed is (is_address and (encrypted if is_public else True))


@given(address=st.ip_addresses(v=4))
def test_no_dress_of_a_private_address_is_public(address: IPv4Address) -> None:
    """A gateway would undress it: mapped, translated or tunneled."""
    plain = may_be_told(str(address), encrypted=True, allow_private=False)

    assert plain is (address.is_global and not address.is_multicast)
    for dressed in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert may_be_told(dressed, encrypted=True, allow_private=False) is plain
    tunneled = str(IPv6Address((0x2002 << 112) | (int(address) << 80)))
    for hidden in (f"::{address}", tunneled):
        assert not may_be_told(hidden, encrypted=True, allow_private=False)
