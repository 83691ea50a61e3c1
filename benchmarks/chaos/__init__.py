"""Random faults of every part under load, and a checker that proves the invariants: `make chaos`."""
