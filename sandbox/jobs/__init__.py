"""One job across the providers: what the control API takes and shows of it, and what a change does."""
