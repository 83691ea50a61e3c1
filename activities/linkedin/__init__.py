"""LinkedIn's activities."""
