"""Indeed's track."""
