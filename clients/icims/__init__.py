"""iCIMS: read a job's profile."""
