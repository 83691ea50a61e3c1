"""The state machine of each board: what a lifecycle does at LinkedIn and at Indeed."""
