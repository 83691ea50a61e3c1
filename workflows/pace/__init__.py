"""Sharing a provider's limit out among all workers: the workflow `Pace`."""
