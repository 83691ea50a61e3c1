"""The lifecycle of one job: the workflow `JobPosting` and what belongs to it alone."""
