"""Nothing lost, whatever dies: the real services under load and under faults, judged by invariants."""
