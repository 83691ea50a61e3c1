"""Simulated iCIMS, LinkedIn and Indeed: strict contracts, switchable faults, all in memory.

Start it with ``python -m sandbox``; ``docs/sandbox.md`` says how to use it.
"""
