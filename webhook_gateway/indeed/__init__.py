"""Indeed: signed job events in."""
