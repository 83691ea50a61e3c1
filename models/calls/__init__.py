"""Input and output of the activities, by provider: ids, never a description, a token or a person's data."""
