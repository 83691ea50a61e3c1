"""Pages of the documentation that are written from the code, so that they say what it does."""
