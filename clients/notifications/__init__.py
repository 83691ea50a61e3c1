"""Webhooks out: what is posted to whom wants to be told."""
