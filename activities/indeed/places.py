"""Where one job's postings are at Indeed: under which of the customer's accounts, and which no longer is configured."""

from collections.abc import Sequence
from typing import Protocol

from activities.indeed import evidence as words
from activities.indeed.memory import Memory
from activities.problems import failure
from activities.providers import Providers
from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.several import Indeed, SeveralIndeed
from config.rules import Said


class OfJob(Protocol):
    """What names a job."""

    @property
    def customer_id(self) -> str:
        """Return whose it is."""

    @property
    def job_id(self) -> str:
        """Return which it is."""


class Places:
    """Find the account of a job: by rule where iCIMS says enough, by what is remembered, else by where it is found."""

    def __init__(self, providers: Providers, memory: Memory) -> None:
        """Share the clients."""
        self._providers, self._memory = providers, memory

    async def of(self, job: OfJob, *, fresh: bool = False) -> Indeed:
        """Return who knows the job's postings; with `fresh` iCIMS is asked what it says by now.

        Besides the account that the rules say, those where the job was seen before: they may have changed, and it is
        to be taken off there, too. Where neither is known, a posting counts that is under one account alone.
        """
        every = self._providers.indeed_accounts(job.customer_id)
        if len(every) == 1:
            return every[0]
        decided = self._providers.indeed_by_rule(job.customer_id, await self._said(job, fresh=fresh))
        seen = (await self._memory.accounts(job.customer_id, job.job_id) or {}).values()
        before = [each for each in every if each.account in seen]
        return _together(every, decided, before)

    def known(self, job: OfJob, seen: Sequence[str | None]) -> Indeed:
        """Return the same without asking anyone; `seen` are the accounts where the job was."""
        every = self._providers.indeed_accounts(job.customer_id)
        if len(every) == 1:
            return every[0]
        said = self._providers.icims(job.customer_id).said_before(job.job_id).said
        decided = self._providers.indeed_by_rule(job.customer_id, said)
        return _together(every, decided, [each for each in every if each.account in seen])

    async def certain(self, job: OfJob, missing: Sequence[str]) -> None:
        """Make sure that postings that nobody shows are not where the configuration no longer has access.

        Raises ApplicationError: that they are gone is then not proven.
        """
        if not missing:
            return
        seen = await self._memory.accounts(job.customer_id, job.job_id)
        if seen is None:
            raise failure(words.STORE_SILENT)
        if lost := self.left_behind(job.customer_id, {each: seen.get(each) for each in missing}):
            raise failure(words.no_longer_configured(lost))

    def left_behind(self, customer_id: str, seen: "dict[str, str | None]") -> list[str]:
        """Return the accounts, of those where postings were seen, that the configuration no longer has."""
        now = {each.account for each in self._providers.indeed_accounts(customer_id)}
        return sorted({each for each in seen.values() if each is not None and each not in now})

    async def _said(self, job: OfJob, *, fresh: bool) -> Said:
        icims = self._providers.icims(job.customer_id)
        if fresh:
            try:
                return (await icims.job(job.job_id)).said
            except ProviderError:  # what it said before, or what is remembered, does as well
                return icims.said_before(job.job_id).said
        return (await icims.for_close(job.job_id)).said


def _together(every: Sequence[IndeedClient], decided: IndeedClient | None, before: Sequence[IndeedClient]) -> Indeed:
    if decided is None:
        # By account alone: two sources of one application are told apart by the rule, or by where the job is found.
        at_each = len({each.account for each in before}) == len(before)
        return SeveralIndeed(before or every, decided=bool(before) and at_each)
    further = [each for each in before if each.account != decided.account]
    return SeveralIndeed((decided, *further), decided=True) if further else decided
