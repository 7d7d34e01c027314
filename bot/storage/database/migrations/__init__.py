"""The database's revisions; Alembic runs them.

A revision only adds, so that processes of the version before work on the new schema
while they are replaced one by one with calls in flight. A released one never changes.
`tests/storage/database/test_revisions.py` holds both.
"""

REVISIONS = (
    "v010_1",
    "v020_1",
    "v020_2",
    "v020_3",
    "v020_4",
    "v020_5",
    "v020_6",
    "v020_7",
    "v020_8",
    "v020_9",
    "v020_10",
    "v020_11",
    "v020_12",
    "v020_13",
    "v020_14",
    "v020_15",
    "v020_16",
    "v020_17",
    "v020_18",
    "v020_19",
    "v020_20",
    "v020_21",
    "v020_22",
    "v020_23",
    "v020_24",
    "v020_25",
    "v020_26",
    "v020_27",
    "v020_28",
    "v020_29",
    "v020_30",
    "v020_31",
)
"""The oldest first; each is a file in `versions`, named after the version that brought
it. Databases from before 0.1.0 have `0001` to `0007`, and are refused."""
