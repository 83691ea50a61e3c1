"""Workflows for LinkedIn as a whole: resyncs, and the health of the webhook."""
