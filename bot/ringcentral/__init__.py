"""RingCentral's side: one client over the official SDK, and what it must respect."""
