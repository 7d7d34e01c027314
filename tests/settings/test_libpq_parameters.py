"""The parameters of PostgreSQL's address: each is looked at before libpq connects."""

from __future__ import annotations

import pytest

from bot.errors import BadSettings
from bot.settings import database_address, reading

PARAMETERS = {
    "channel_binding=7391",
    "client_encoding=7391",
    "conninfo=hostaddr%3D7391",
    "gssdelegation=7391",
    "gssencmode=7391",
    "hostaddr=7391",
    "hostaddr=10.0.0.1,",
    "load_balance_hosts=7391",
    "max_protocol_version=7391",
    "min_protocol_version=9",
    "min_protocol_version=3.2&max_protocol_version=3.0",
    "replication=database",
    "replication=7391",
    "require_auth=7391",
    "require_auth=md5,7391",
    "require_auth=md5,!gss",
    "require_auth=md5,md5",
    "scram_client_key=7391",
    "scram_server_key=7391",
    "service=7391",
    "ssl_max_protocol_version=7391",
    "ssl_max_protocol_version=TLSv1.1",
    "ssl_min_protocol_version=7391",
    "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
    "sslcertmode=7391",
    "sslcompression=7391",
    "sslmode=7391",
    "sslmode=require&sslrootcert=system",
    "sslmode=verify-full&sslrootcert=/none/7391",
    "sslcert=/none/7391",
    "sslkey=/none/7391",
    "sslkey=/",
    f"sslkey={'7391' * 99}",
    "sslcrl=/none/7391",
    "sslnegotiation=7391",
    "sslnegotiation=direct",
    "sslsni=7391",
    "target_session_attrs=7391",
}
"""libpq refuses most of them only as it connects, and some not at all."""


@pytest.mark.parametrize("parameters", sorted(PARAMETERS))
def test_a_malformed_parameter_is_one_complaint(parameters: str) -> None:
    """The library would repeat the value, and a file it ignores would leave the server unchecked."""
    url = f"postgresql://u:7391@h/x?{parameters}"
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL"):
        with pytest.raises(BadSettings) as caught:
            reading.read_only({name: url}, [name])
        said = str(caught.value)
        assert said.count(f"{name} must be sqlite:///path or postgresql://") == 1
        assert "7391" not in said


def test_a_service_is_refused_before_it_can_be_missing() -> None:
    """One that no file names ended the start like a database that is away."""
    url = "postgresql:///db?service=nope"

    with pytest.raises(BadSettings, match="a service is not looked up"):
        reading.read_only({"DATABASE_URL": url}, ["DATABASE_URL"])


@pytest.mark.parametrize(
    "parameters",
    [
        "hostaddr=10.0.0.1",
        "require_auth=scram-sha-256,md5",
        "require_auth=!password,!none",
        "ssl_min_protocol_version=tlsv1.3",
        "ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.1",
        "min_protocol_version=3.2&max_protocol_version=latest",
        "min_protocol_version=latest&max_protocol_version=3.2",
        "sslnegotiation=direct&sslmode=require",
        "sslnegotiation=direct&sslrootcert=system",
        "sslmode=verify-full&sslrootcert=system",
        f"sslmode=verify-full&sslrootcert={__file__}",
        "sslkey=pkcs11:key",
        "sslcertmode=disable&sslsni=0&sslcompression=0&gssdelegation=1",
        "client_encoding=utf8",
    ],
)
def test_a_good_parameter_is_taken(parameters: str) -> None:
    """An address that worked before an upgrade has to work behind it."""
    url = f"postgresql://u@h/x?{parameters}"
    assert database_address.read(url) == url
    assert database_address.read_direct(url) == url
