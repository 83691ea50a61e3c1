"""What is claimed of a job on LinkedIn, beside the truth of a world: every lie is noted."""

from collections.abc import Callable

from models.boards import LinkedInRecord
from models.states import BoardState, Outcome
from sandbox.linkedin.postings import Posting
from tests.support.worlds.time import WorldClock
from workflows.boards.linkedin.relisting import AT_MOST


class Truth:
    """Look at a posting whenever something is claimed of it, or written to it."""

    def __init__(
        self, clock: WorldClock, posting: Callable[[], Posting | None], *, seen_before: bool, icims_tells: bool
    ) -> None:
        """Know the posting; `seen_before` by an earlier lifecycle, `icims_tells` what it wants."""
        self.lies: list[str] = []
        self._clock, self._find, self._icims_tells = clock, posting, icims_tells
        self._unread = False
        """Something happened on LinkedIn that was not read yet."""
        self._was_there = seen_before
        """LinkedIn showed the job, listed or not, when it was read."""
        self._close_taken = False
        self._back = False
        """The job came back while it was off, and neither the ATS nor a person has said a word since."""
        self._wanted: bool | None = None
        """Whether iCIMS wants the job posted, as it was asked since the job came back."""
        self._times, self._counted, self._retries = 0, False, 0

    # --- what happens ---------------------------------------------------------------------------------------

    def word(self) -> None:
        """Note that the ATS or a person has said what is wanted."""
        self._back = False

    def retried(self) -> None:
        """Note that a person has the job closed once more."""
        self._back, self._retries = False, self._retries + 1

    def becomes(self, state: str | None, *, off: bool) -> None:
        """Note that somebody else has changed the posting; `off` where the lifecycle had called it so."""
        self._unread = True
        self._back = state == "listed" and (self._back or off)
        if self._back and off:
            self._wanted, self._counted = None, False

    def icims_asked(self, *, wants_it: bool) -> None:
        """Note what iCIMS said of the job."""
        self._wanted = wants_it

    def read(self) -> None:
        """Note that the listing was read."""
        posting = self._find()
        self._unread = False
        self._was_there |= posting is not None and posting.listed.visible(self._clock.time()) is not None

    # --- what is claimed, and done --------------------------------------------------------------------------

    def judge(self, record: LinkedInRecord) -> None:
        """Compare what a settled board is said to show with what it does, as far as that was read last."""
        if record.state is not BoardState.SETTLED or record.outcome is None or self._unread:
            return
        lists = self._lists()
        if record.outcome.proven:
            self.lies += [f"{record.outcome.value}, and {why}" for why in self._against_proof()]
        if record.outcome in {Outcome.LIVE, Outcome.UPDATED} and not lists:
            self.lies.append(f"{record.outcome.value}, and LinkedIn does not list it")

    def written(self, operation: str, *, by_event: bool) -> None:
        """Note what is about to be sent; `by_event` where the ATS itself last wanted the job off."""
        posting = self._find()
        there = posting is not None and posting.listed.planned() is True and self._open(posting)
        if operation == "CREATE" and there and not self._unread:
            self.lies.append("created, though it is there or about to be")
        if operation == "CLOSE":
            self._close_taken = True
            if self._back:
                self._closed_again(by_event=by_event)

    def _closed_again(self, *, by_event: bool) -> None:
        if self._wanted is not False:
            self.lies.append(f"closed again, though iCIMS {'wants it' if self._wanted else 'was not asked'}")
        elif not self._icims_tells and not by_event:
            self.lies.append("closed again, though only a person had taken it down")
        self._times += not self._counted
        self._counted = True
        if self._times > AT_MOST + self._retries:
            self.lies.append(f"closed again {self._times} times without a person")

    def _against_proof(self) -> list[str]:
        """Return what stands against a job's being called off LinkedIn."""
        posting, found = self._find(), []
        if self._lists():
            found.append("LinkedIn lists it")
        if not self._was_there:
            found.append("LinkedIn never showed it")
        if posting is not None and posting.listed.planned() is True:
            if self._open(posting) and posting.listed.visible(self._clock.time()) is not True:
                found.append("LinkedIn is about to list it")
            if posting.detail is not None and not self._close_taken:
                found.append("LinkedIn only withholds it")
        return found

    def _lists(self) -> bool:
        posting = self._find()
        return posting is not None and bool(posting.listed.truth(self._clock.time())) and self._open(posting)

    def _open(self, posting: Posting) -> bool:
        return posting.detail is None and self._clock.time() < posting.expires_at
