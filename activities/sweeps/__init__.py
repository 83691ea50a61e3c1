"""The activities of the sweeps: looking again after a close, and comparing a whole customer."""
