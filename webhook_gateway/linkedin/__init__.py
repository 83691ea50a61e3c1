"""LinkedIn: endpoint validation and signed notifications in."""
