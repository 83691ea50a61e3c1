"""Faults to be had on request: what they do, which calls they hit, and how often."""
