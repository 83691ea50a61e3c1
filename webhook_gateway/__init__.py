"""HTTP in: verify, parse, hand to Temporal, answer in the sender's own form."""
