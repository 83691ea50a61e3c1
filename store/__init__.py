"""The database behind the ledger, the job index, the checks, the event log, the inbox and the shared tokens."""
