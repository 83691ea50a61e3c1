"""What people read of a cause: Markdown in the Temporal Web UI, and the words of what it asks."""

from models.boards import Attention
from models.problems import Problem
from models.words import moment

SHOWN = 50


def asked_once(problem: Problem, count: int) -> Problem:
    """Return what is asked of a person once for all the jobs that wait."""
    return problem.model_copy(
        update={
            "reason": f"{_jobs(count)} for one cause. {problem.words}",
            "remedy": f"{problem.remedy} Once is enough: one of the jobs tries again by itself, and all "
            "go on as soon as it gets through.",
            "provider_text": "",
        }
    )


def details(customer_id: str, cause: str, job_ids: tuple[str, ...], attention: Attention | None) -> str:
    """Render what people read of it."""
    if attention is None:
        return f"### Nothing of customer {customer_id} waits for {cause} any more"
    lines = [
        f"### {_jobs(len(job_ids))} for {cause}",
        "",
        f"Customer {customer_id}, since {moment(attention.since)}. A person is asked once for all of them.",
        "",
        f"- What happened: {' '.join(attention.reason.split())}",
        f"- What to do: {' '.join(attention.remedy.split())}",
        "- To have one of the jobs try at once: More Actions, Send a Signal, `retry`.",
        "",
        *(f"- {customer_id}/{each}" for each in job_ids[:SHOWN]),
    ]
    if len(job_ids) > SHOWN:
        lines.append(f"- and {len(job_ids) - SHOWN} more")
    return "\n".join(lines)


def _jobs(count: int) -> str:
    return "1 job waits" if count == 1 else f"{count} jobs wait"
