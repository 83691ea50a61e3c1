"""Links to a job's page, under the name by which the gateway's parts know them."""

from runtime.job_links import JobLinks, LinkRefused

__all__ = ["JobLinks", "LinkRefused"]
