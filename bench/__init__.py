"""Measuring what the protocol's operations cost, in CPU and SQL. See `bench.run`."""
