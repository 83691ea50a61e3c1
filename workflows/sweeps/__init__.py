"""Sweeps: `Recheck`, `StillLive` and `Reconcile`."""
