"""Which queues a worker is told to work on."""

import pytest

from models.temporal import Queue
from worker import read_queues


def test_queues_are_read_by_their_names_each_once() -> None:
    assert read_queues(",".join(Queue)) == list(Queue)
    assert read_queues(" operations , operations") == [Queue.OPERATIONS]


def test_a_queue_of_an_older_release_stands_for_the_one_that_has_taken_it_over() -> None:
    old = "linkedin,indeed-mutations,indeed-search,indeed-reads,icims,notifications"
    assert read_queues(old) == [Queue.JOB_POSTINGS, Queue.NOTIFICATIONS]


def test_an_unknown_queue_is_refused() -> None:
    with pytest.raises(ValueError, match="indede"):
        read_queues("linkedin,indede")
