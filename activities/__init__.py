"""Side effects, one module per board. A provider's error leaves here as a Temporal error."""
