"""The typed, frozen values that cross a boundary: events, lifecycles, activity calls."""
