"""Deterministic lifecycle code, nothing else."""
