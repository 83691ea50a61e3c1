"""A job's id in a configured template, and out of it again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.values import fill, job_id_in

TEMPLATES = ["{customer_id}-{job_id}", "{job_id}", "a.{job_id}+", "{job_id}/{customer_id}/{job_id}", "[{job_id}]$"]


@given(st.sampled_from(TEMPLATES), st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_what_is_filled_in_is_found_again(template: str, job_id: str) -> None:
    text = fill(template, customer_id="1234", job_id=job_id)
    assert job_id_in(text, template, customer_id="1234") == job_id
    assert job_id_in(text + "x", template, customer_id="1234") is None


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("5678-1", "{customer_id}-{job_id}"),
        ("1/1234/2", "{job_id}/{customer_id}/{job_id}"),
        ("x", "x"),
        ("", "{job_id}"),
    ],
)
def test_what_no_job_gives_is_none(text: str, template: str) -> None:
    assert job_id_in(text, template, customer_id="1234") is None
