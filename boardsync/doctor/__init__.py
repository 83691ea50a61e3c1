"""`boardsync doctor`: check an installation part by part, each finding with what it means and a remedy."""
