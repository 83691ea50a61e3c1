"""Everything on one machine: `make dev` and `make demo`."""
