"""Random worlds: the track of a lifecycle and its activities run for real, against the sandbox in process."""
