"""Queue and leases, the local executor, and the worker's entry."""
