"""The append-only, signed log of all receipts: a Merkle tree with checkpoints that others can verify."""
