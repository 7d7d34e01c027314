"""Tokens of RingCentral: how they are granted, refreshed and revoked."""
