"""The call log of RingCentral as values: records, their legs, what these say of a call."""
