"""Links to job pages: good for one job, for a while, and in one spelling only."""

import string
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from webhook_gateway.pages.links import JobLinks, LinkRefused

VALID_FOR = timedelta(days=30)
SECRET = "a secret of the gateway"
LINKS = JobLinks(SECRET, "https://hooks.example.com/", VALID_FOR)
IDS = st.text(alphabet=string.digits, min_size=1, max_size=20)


def key_of(url: str) -> str:
    (key,) = parse_qs(urlsplit(url).query)["key"]
    return key


KEY = key_of(LINKS.url("1234", "1209"))
TIME, SIGNATURE = KEY.split(".")


def flipped(text: str, at: int) -> str:
    other = "B" if text[at] == "A" else "A"
    return text[:at] + other + text[at + 1 :]


def test_the_link_is_absolute_and_needs_no_escaping() -> None:
    url = urlsplit(LINKS.url("1234", "1209"))
    assert (url.scheme, url.netloc, url.path) == ("https", "hooks.example.com", "/jobs/1234/1209")
    assert set(url.query) <= set(string.ascii_letters + string.digits + "-_.=")
    LINKS.check("1234", "1209", key_of(url.geturl()))


def test_a_path_of_the_public_address_is_kept() -> None:
    url = JobLinks(SECRET, "https://example.com/boardsync/", VALID_FOR).url("1", "2")
    assert url.startswith("https://example.com/boardsync/jobs/1/2?key=")


@given(IDS, IDS)
def test_every_jobs_own_key_passes(customer_id: str, job_id: str) -> None:
    LINKS.check(customer_id, job_id, key_of(LINKS.url(customer_id, job_id)))


@given(IDS, IDS, IDS, IDS)
def test_no_key_opens_another_job(customer_id: str, job_id: str, other_customer: str, other_job: str) -> None:
    key = key_of(LINKS.url(customer_id, job_id))
    if (customer_id, job_id) != (other_customer, other_job):
        with pytest.raises(LinkRefused):
            LINKS.check(other_customer, other_job, key)


@pytest.mark.parametrize(
    "ids",
    [
        ("1234", "1208"),
        ("1235", "1209"),
        ("1209", "1234"),
        ("123", "41209"),
        ("12341", "209"),
        ("1234", "01209"),
        ("", "1209"),
        ("1234", ""),
        ("1234", "1209 "),
        ("1234", "1209\n"),
        ("1234", "１２０９"),  # noqa: RUF001 -- digits, but not ASCII
        ("1234-1209", ""),
        ("1234", "1" * 21),
        ("..", "1209"),
    ],
)
def test_a_key_opens_no_other_path(ids: tuple[str, str]) -> None:
    with pytest.raises(LinkRefused):
        LINKS.check(*ids, KEY)


def test_ids_that_are_none_are_refused_even_if_they_were_signed() -> None:
    with pytest.raises(LinkRefused):
        LINKS.check("a", "b", key_of(LINKS.url("a", "b")))


LAST = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
MUTATIONS = {
    "empty": "",
    "no signature": TIME,
    "empty signature": f"{TIME}.",
    "no time": SIGNATURE,
    "empty time": f".{SIGNATURE}",
    "swapped": f"{SIGNATURE}.{TIME}",
    "time changed at its start": f"{flipped(TIME, 0)}.{SIGNATURE}",
    "time changed at its end": f"{flipped(TIME, -1) if TIME[-1] != 'A' else flipped(TIME, 1)}.{SIGNATURE}",
    "later time": f"zzzzzz.{SIGNATURE}",
    "signature changed at its start": f"{TIME}.{flipped(SIGNATURE, 0)}",
    "signature changed in the middle": f"{TIME}.{flipped(SIGNATURE, 20)}",
    "another spelling of the last bits": f"{TIME}.{SIGNATURE[:-1]}{LAST[LAST.index(SIGNATURE[-1]) + 1]}",
    "shorter": KEY[:-1],
    "longer": KEY + "A",
    "padded": KEY + "=",
    "doubled": f"{KEY}.{KEY}",
    "signature twice": f"{KEY}.{SIGNATURE}",
    "with the job in front": f"job-1234-1209.{KEY}",
    "upper case": KEY.upper(),
    "space before": f" {KEY}",
    "newline after": f"{KEY}\n",
    "stray character that base64 skips": f"{TIME}.{SIGNATURE[:9]}!{SIGNATURE[9:]}",
    "NUL": f"{KEY}\0",
    "not ASCII": f"{KEY}é",
    "lone surrogate": f"{KEY[:-1]}\ud800",
    "long": "A" * 100_000,
    "points": "." * 50,
    "percent": KEY.replace(".", "%2E"),
    "standard base64": KEY.replace("-", "+").replace("_", "/") + "+",
}


@pytest.mark.parametrize("key", MUTATIONS.values(), ids=MUTATIONS)
def test_a_changed_key_is_refused(key: str) -> None:
    with pytest.raises(LinkRefused):
        LINKS.check("1234", "1209", key)


@given(st.text(max_size=80))
def test_a_made_up_key_is_refused(key: str) -> None:
    with pytest.raises(LinkRefused):
        LINKS.check("1234", "1209", key)


@given(st.integers(min_value=0, max_value=len(KEY) - 1), st.sampled_from(LAST + ".=+/ "))
def test_a_key_with_any_one_character_changed_is_refused(at: int, character: str) -> None:
    if KEY[at] != character:
        with pytest.raises(LinkRefused):
            LINKS.check("1234", "1209", KEY[:at] + character + KEY[at + 1 :])


def test_a_key_of_another_secret_is_refused() -> None:
    other = JobLinks("another secret", "https://hooks.example.com", VALID_FOR)
    with pytest.raises(LinkRefused):
        LINKS.check("1234", "1209", key_of(other.url("1234", "1209")))


def test_what_the_same_secret_signs_elsewhere_is_refused() -> None:
    signed = TimestampSigner(SECRET, salt="boardsync.oauth").sign("job-1234-1209").decode()
    serialized = URLSafeTimedSerializer(SECRET).dumps(["1234", "1209"])
    for key in (signed.partition(".")[2], signed, str(serialized)):
        with pytest.raises(LinkRefused):
            LINKS.check("1234", "1209", key)


def test_a_key_expires() -> None:
    now = datetime.now(UTC)
    key = key_of(LINKS.url("1234", "1209"))
    LINKS.check("1234", "1209", key, now=now + VALID_FOR - timedelta(seconds=2))
    for late in (timedelta(seconds=2), timedelta(days=1), timedelta(days=4000)):
        with pytest.raises(LinkRefused):
            LINKS.check("1234", "1209", key, now=now + VALID_FOR + late)


def test_the_refusal_says_nothing() -> None:
    with pytest.raises(LinkRefused) as refused:
        LINKS.check("1234", "1208", KEY)
    assert not str(refused.value)


def test_a_link_for_a_time_is_the_same_however_often_it_is_made_and_ends_by_that_time() -> None:
    links = JobLinks("secret", "https://hooks.example.com", timedelta(days=30))
    at = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    url = links.url("1234", "1209", at=at)
    assert links.url("1234", "1209", at=at) == url
    key = url.partition("?key=")[2]
    links.check("1234", "1209", key, now=at + timedelta(days=30))
    with pytest.raises(LinkRefused):
        links.check("1234", "1209", key, now=at + timedelta(days=30, seconds=1))
