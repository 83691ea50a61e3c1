"""Indeed's activities."""
