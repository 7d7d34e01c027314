"""Random JSON with the keys that its reader looks for, for the fuzzing tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st


def shapes(words: Sequence[str], texts: Sequence[object]) -> st.SearchStrategy[Any]:
    """Return JSON values: *words* as the keys of objects, *texts* among the rest."""
    values = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(texts),
    )
    keys = st.sampled_from(words)
    return st.recursive(
        values,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6)
        ),
        max_leaves=15,
    )


def bodies(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Return bodies of answers: *values* as JSON, or arbitrary bytes."""
    return st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode())
