"""The job's page: what a recruiter sees of a lifecycle, by a signed link that expires."""
