"""The operator's side: run everything on one machine, and watch a job being closed."""
