"""Runs over many jobs: `BulkClose`, `ClientOffboarding` and what they share."""
