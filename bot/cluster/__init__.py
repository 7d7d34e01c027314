"""How processes share a database: heartbeats, rate budgets, handing calls over."""
