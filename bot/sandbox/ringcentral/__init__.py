"""The double of RingCentral, over real HTTP."""
