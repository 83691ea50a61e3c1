"""Indeed: find a job, clear the agency's overlay, read the job back."""
