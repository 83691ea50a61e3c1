"""LinkedIn's job posting API: submit, tasks, statuses and tokens."""
