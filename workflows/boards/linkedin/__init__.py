"""LinkedIn's track."""
