"""A receipt on paper: one page that says what the boards answered, and how anybody can verify it."""
