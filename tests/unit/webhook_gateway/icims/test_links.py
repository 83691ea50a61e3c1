"""The links of an event: read in iCIMS's own form, compared with the event, never followed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.replies import sample
from webhook_gateway.icims.links import Link, check_links, is_onboarding, links_of, read_body_links, read_link_header
from webhook_gateway.requests import BadRequest, Fault

UNPOST = sample("icims_unpost_link.txt").decode()
STATUS = sample("icims_status_link.txt").decode()
BASE = "https://api.icims.com/customers/1234"
LENGTH = 8192


def check(header: str | None = None, links: object = None) -> None:
    check_links(links_of(header, links), customer_id="1234", job_id="1242")


def refusal(header: str | None = None, links: object = None) -> str:
    with pytest.raises(BadRequest) as caught:
        check(header, links)
    assert caught.value.fault is Fault.CONTRADICTION
    return caught.value.reason


def entry(rel: str, url: str) -> dict[str, str]:
    return {"rel": rel, "title": "x", "url": url}


def test_the_seeds_headers_are_read() -> None:
    assert read_link_header(UNPOST) == [
        Link("job", "http://providertest.icims.com/customers/1234/jobs/1209"),
        Link("user", "http://providertest.icims.com/customers/1234/people/121"),
    ]
    assert [link.rel for link in read_link_header(STATUS)] == ["applicantWorkflow", "job", "person", "user"]
    assert [link.url for link in read_link_header(STATUS)] == [
        f"{BASE}/{tail}" for tail in ("applicantworkflows/2203", "jobs/1242", "people/1364", "people/3")
    ]


@pytest.mark.parametrize(
    "header",
    [
        f'{BASE}/jobs/1;rel="job";title="Job Profile"',
        f'{BASE}/jobs/1;rel="job";title="Job Profile",',
        f'{BASE}/jobs/1;rel="job";title="Job Profile", ',
        f'{BASE}/jobs/1;title="Nurse, night; rel=user";rel="job",',
        f'{BASE}/jobs/1;title="a \\"quoted\\", title";rel="job",',
        f'{BASE}/jobs/1;title="see, http://x/customers/9/jobs/9;rel=job";rel=job,',
        f"{BASE}/jobs/1;title=Nurse, night;rel=job,",
        f"{BASE}/jobs/1; rel=job; title=x",
        f"<{BASE}/jobs/1>; rel=job",
        f'{BASE}/jobs/1;REL = "job"',
        f'{BASE}/jobs/1;rel="job";rel="user"',
    ],
)
def test_a_header_is_read_in_many_forms(header: str) -> None:
    assert read_link_header(header) == [Link("job", f"{BASE}/jobs/1")]


def test_a_comma_in_a_url_ends_no_entry() -> None:
    header = f"{BASE}/jobs/1?fields=a,b;rel=job,{BASE}/people/2;rel=user,"
    assert read_link_header(header) == [Link("job", f"{BASE}/jobs/1?fields=a,b"), Link("user", f"{BASE}/people/2")]


@pytest.mark.parametrize("header", ["", ",", ",,,", " ", ";", "x", ";rel=", '"', 'x;title="', f"{BASE}/jobs/1", "\\"])
def test_a_header_without_links_has_none(header: str) -> None:
    check(header)


@pytest.mark.parametrize("value", [None, 5, "x", {}, [], [None, 1, "x", [], {}, {"rel": 1, "url": 2}, {"rel": "job"}]])
def test_a_body_without_links_has_none(value: object) -> None:
    assert read_body_links(value) == []


@pytest.mark.parametrize(
    "link",
    [
        entry("job", f"{BASE}/jobs/1242"),
        entry("job", f"{BASE}/jobs/1242/"),
        entry("job", f"{BASE}/jobs/1242?fields=id#x"),
        entry("job", "http://foreign.example/customers/1234/jobs/1242"),
        entry("job", "http://foreign.example/jobs/1242"),
        entry("job", "/customers/1234/jobs/1242"),
        entry("job", f"{BASE}/newhirecategories/1242"),
        entry("applicantWorkflow", f"{BASE}/onboardworkflows/2203"),
        entry("job", f"{BASE}/somethings/9"),
        entry("job", f"{BASE}/jobs/12a"),
        entry("job", f"{BASE}/jobs/9/fields/overview"),
        entry("job", "http://[/customers/9/jobs/9"),
        entry("recruiter", f"{BASE}/people/9"),
        entry("", f"{BASE}/people/9"),
        entry("1242", f"{BASE}/jobs/9"),
        entry("self", ""),
        entry("job", "customers"),
    ],
)
def test_links_that_agree_or_are_not_known_do_not_matter(link: dict[str, str]) -> None:
    check(links=[link])
    check(f'{link["url"]};rel="{link["rel"]}";title="x",')


@pytest.mark.parametrize(
    ("link", "rel"),
    [
        (entry("job", f"{BASE}/jobs/1243"), "job"),
        (entry("job", f"{BASE}/jobs/01242"), "job"),
        (entry("job", f"{BASE}/jobs/1243/"), "job"),
        (entry("job", f"{BASE}/JOBS/1243"), "job"),
        (entry("job", "http://foreign.example/jobs/1243?x=/jobs/1242"), "job"),
        (entry("Job", f"{BASE}/jobs/1243"), "Job"),
        (entry("job", f"{BASE}/jobs/{'9' * 3000}"), "job"),
    ],
)
def test_a_link_to_another_job_is_named(link: dict[str, str], rel: str) -> None:
    expected = f'the link "{rel}" names another job than the event'
    assert refusal(links=[entry("x", ""), link]) == expected
    assert refusal(f'{BASE}/jobs/1242;rel="job",{link["url"]};rel="{link["rel"]}";title="a, b",') == expected


@pytest.mark.parametrize("url", ["https://api.icims.com/customers/5678/{}", "http://x/v1/customers/01234/{}",
                                 "/customers/1234/customers/9/{}", "https://x/Customers/12345/{}"])  # fmt: skip
@pytest.mark.parametrize("tail", ["jobs/1242", "anything", "", "jobs/1242/fields/x"])
@pytest.mark.parametrize("rel", ["job", "self"])
def test_a_link_of_another_customer_is_named_whatever_its_rel(url: str, tail: str, rel: str) -> None:
    expected = f'the link "{rel}" is of another customerId than the event'
    assert refusal(links=[entry(rel, url.format(tail))]) == expected
    assert refusal(f'https://x{url.format(tail).removeprefix("https://x")};rel="{rel}",') == expected


def test_a_rel_that_is_no_word_is_not_repeated() -> None:
    assert "secret" not in refusal(links=[entry("<b>secret</b>", "/customers/9/jobs/1")])


def test_many_links_and_long_ones_are_read_like_few() -> None:
    many = [entry("job", f"{BASE}/jobs/1242")] * 500
    check(links=many)
    assert "another job" in refusal(links=[*many, entry("job", f"{BASE}/jobs/9")])
    header = "https://x/jobs/1242;rel=job," * 500
    check(header)
    assert "another job" in refusal(header + "https://x/jobs/9;rel=job,")


@pytest.mark.parametrize("url", [f"{BASE}/people/9", "https://x/customers/5678/people/3", "/customers/9/anything/9"])
@pytest.mark.parametrize("rel", ["user", "User", "person"])
def test_who_acted_and_on_whom_decides_nothing(rel: str, url: str) -> None:
    check(f'{BASE}/jobs/1242;rel="job",https://x{url};rel="{rel}",', [entry(rel, url)])


@pytest.mark.parametrize(
    ("links", "onboarding"),
    [
        ([("job", "jobs/1303"), ("applicantWorkflow", "applicantworkflows/2")], False),
        ([("job", "newhirecategories/1303"), ("applicantWorkflow", "onboardworkflows/2")], True),
        ([("job", "newhirecategories/1303")], True),
        ([("Job", "NewHireCategories/1303")], True),
        ([("applicantWorkflow", "onboardworkflows/2"), ("job", "jobs/1303")], True),
        ([("onboardWorkflow", "onboardworkflows/2"), ("person", "people/1")], True),
        ([("newHireCategory", "newhirecategories/1303")], True),
        ([("job", "talentpools/1303")], True),
        ([("job", "connectevents/1303")], True),
        ([("applicantWorkflow", "sourceworkflows/2")], True),
        ([("onboardWorkflow", "onboardworkflows/2"), ("job", "jobs/1303")], False),
        ([("person", "people/1"), ("user", "people/2")], False),
        ([("job", "somethings/1303")], False),
        ([], False),
    ],
)
def test_links_tell_a_new_hires_workflow_from_a_jobs(links: list[tuple[str, str]], *, onboarding: bool) -> None:
    in_body = [entry(rel, f"{BASE}/{tail}") for rel, tail in links]
    header = "".join(f'{BASE}/{tail};rel="{rel}";title="x",' for rel, tail in links)
    assert is_onboarding(links_of(None, in_body)) is onboarding
    assert is_onboarding(links_of(header, None)) is onboarding


@pytest.mark.parametrize("piece", ['"', '\\"', "a", ",", ", ", ";", ";a=", ';a="\\', " ", ";rel", "http://a,", ';="'])
@pytest.mark.timeout(30)  # a search that backtracks would take hours
def test_no_header_takes_long(piece: str) -> None:
    header = ('"' + piece * LENGTH)[:LENGTH]
    for each in (header, header[1:], f"http://x{header}"[:LENGTH], f';rel="{header}'[:LENGTH]):
        with suppress(BadRequest):
            check(each)


PIECES = [
    "https://x",
    "/customers/",
    "1234",
    "9",
    "/jobs/",
    "1242",
    ";",
    "rel=",
    '"',
    "job",
    "user",
    ",",
    "\\",
    " ",
    "[",
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rel", "url", "title"]), inner),
    max_leaves=8,
)


@given(st.none() | TEXT, JSON)
def test_anything_is_passed_over_or_refused(header: str | None, links: Any) -> None:
    with suppress(BadRequest):
        check(header, links)


@given(st.text(st.characters(exclude_characters='"\\'), max_size=30), st.integers(0, 10**19))
def test_a_title_changes_nothing(title: str, number: int) -> None:
    header = f'{BASE}/jobs/{number};title="{title}";rel="job",{BASE}/people/3;rel="user";title="{title}",'
    assert read_link_header(header) == [Link("job", f"{BASE}/jobs/{number}"), Link("user", f"{BASE}/people/3")]
