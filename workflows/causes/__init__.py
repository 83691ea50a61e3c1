"""One cause that holds up many jobs of a customer: the workflow `CommonCause`."""
