"""HTTP to RingCentral: pooled connections, threads, JSON to values."""
