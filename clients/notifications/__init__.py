"""Webhooks out: what is posted to the configured endpoints."""
