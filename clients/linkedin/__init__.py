"""LinkedIn: submit jobs, follow tasks, read a job's status."""
