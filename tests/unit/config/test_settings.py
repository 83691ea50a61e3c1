"""The configuration: the example, each mistake in one line that names the key, and no secret in it."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.loading import ConfigurationError
from config.messages import Messages
from config.values import fill
from models.timing import Timing
from tests.unit.config.example_file import CUSTOMER, EXAMPLE, MISSING, Path_, changed, complaint, load


def test_the_example_loads_with_the_values_it_names() -> None:
    settings = load(EXAMPLE)
    customer = settings.customer("1234")
    assert customer is not None
    assert customer.linkedin is not None
    assert customer.indeed is not None
    assert (settings.gateway.host, settings.gateway.port) == ("127.0.0.1", 8080)
    assert customer.icims.webhook_secret is not None
    assert customer.icims.webhook_secret.get_secret_value() == "hunter2-webhook"
    assert customer.linkedin.client_secret.get_secret_value() == "hunter2-linkedin"
    assert customer.indeed.campaign_categories == ("default",)
    assert settings.timing.frozen() == Timing()
    assert settings.gateway.link_valid_for == timedelta(days=30)
    assert settings.customer("12345") is None


def test_the_settings_show_no_secret() -> None:
    settings = load(EXAMPLE)
    assert "hunter2" not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


BAD_VALUES: list[tuple[Path_, object, str]] = [
    (("gateway", "listen"), "localhost", "gateway.listen: "),
    (("gateway", "listen"), "localhost:99999", "gateway.listen: "),
    (("gateway", "public_url"), "hooks", "gateway.public_url: "),
    (("gateway", "link_secret"), "", "gateway.link_secret: "),
    (("icims", "api_url"), "ftp://api.icims.com", "icims.api_url: "),
    (("linkedin", "version"), "2026-04", "linkedin.version: "),
    (("indeed", "token_url"), 5, "indeed.token_url: "),
    (("timing", "confirm_first"), "soon", "timing.confirm_first: expected a duration"),
    (("timing", "confirm_first"), "15", "timing.confirm_first: expected a duration"),
    (("timing", "confirm_first"), 15, "timing.confirm_first: expected a duration"),
    (("timing", "confirm_first"), "-5s", "timing.confirm_first: expected a duration"),
    (("timing", "confirm_max"), "0s", "timing.confirm_max: "),
    (("timing", "confirm_within"), "999999999999d", "timing.confirm_within: "),
    (("customers",), [], "customers: "),
    ((*CUSTOMER, "id"), "12a", "customers[0].id: "),
    ((*CUSTOMER, "id"), "\u0661\u0662", "customers[0].id: "),
    ((*CUSTOMER, "id"), 1234, "customers[0].id: "),
    ((*CUSTOMER, "name"), " ", "customers[0].name: "),
    ((*CUSTOMER, "boards"), [], "customers[0].boards: "),
    ((*CUSTOMER, "boards"), ["linkedin", "monster"], "customers[0].boards[1]: "),
    ((*CUSTOMER, "close_when"), "never", "customers[0].close_when: "),
    ((*CUSTOMER, "icims", "webhook_auth"), "digest", "customers[0].icims.webhook_auth: "),
    ((*CUSTOMER, "icims", "webhook_auth"), "HMAC", "customers[0].icims.webhook_auth: "),
    ((*CUSTOMER, "icims", "webhook_secret"), "", "customers[0].icims.webhook_secret: "),
    ((*CUSTOMER, "icims", "webhook_previous_secret"), "", "customers[0].icims.webhook_previous_secret: "),
    ((*CUSTOMER, "icims", "status_reply"), "page", "customers[0].icims.status_reply: "),
    ((*CUSTOMER, "icims", "job_distributor_id"), " ", "customers[0].icims.job_distributor_id: "),
    ((*CUSTOMER, "icims", "report"), "perhaps", "customers[0].icims.report: "),
    ((*CUSTOMER, "icims", "fields"), {"title": "JobTitle"}, "customers[0].icims.fields.title: "),
    ((*CUSTOMER, "icims", "fields"), {"overview": ""}, "customers[0].icims.fields.overview: "),
    ((*CUSTOMER, "icims", "fields"), {"name": "x"}, "customers[0].icims.fields.name: unknown key"),
    ((*CUSTOMER, "closing_statuses"), [""], "customers[0].closing_statuses[0]: "),
    ((*CUSTOMER, "closing_statuses"), "9782", "customers[0].closing_statuses: "),
    (("gateway", "link_valid_for"), "0d", "gateway.link_valid_for: "),
    (("gateway", "temporal_ui_url"), "ui", "gateway.temporal_ui_url: "),
    (("timing", "report_every"), "0s", "timing.report_every: "),
    (("timing", "endpoint_check_every"), "900ms", "timing.endpoint_check_every: "),
    (("timing", "call_timeout"), "1 minute", "timing.call_timeout: expected a duration"),
    (("gateway", "messages"), {"hired": "x"}, "gateway.messages.hired: unknown key"),
    (("gateway", "messages"), {"hire": " "}, "gateway.messages.hire: "),
    (
        ("gateway", "messages"),
        {"hire": "{name}"},
        "gateway.messages.hire: unknown placeholder {name}; known: actions, boards",
    ),
    (("gateway", "messages"), {"hire": "{}"}, "gateway.messages.hire: unknown placeholder {}"),
    (("gateway", "messages"), {"hire": "{0}"}, "gateway.messages.hire: unknown placeholder {0}"),
    (("gateway", "messages"), {"hire": "{job_id!r}"}, "gateway.messages.hire: unknown placeholder"),
    (("gateway", "messages"), {"hire": "{job_id:>9}"}, "gateway.messages.hire: unknown placeholder"),
    (("gateway", "messages"), {"hire": "{job_id.x}"}, "gateway.messages.hire: unknown placeholder"),
    (("gateway", "messages"), {"hire": "{link[0]}"}, "gateway.messages.hire: unknown placeholder"),
    (("gateway", "messages"), {"hire": "{job_id"}, "gateway.messages.hire: not a valid template"),
    (("gateway", "messages"), {"hire": "}"}, "gateway.messages.hire: not a valid template"),
    ((*CUSTOMER, "icims", "webhook_user"), MISSING, 'customers[0].icims: webhook_auth "basic" needs webhook_user'),
    ((*CUSTOMER, "icims", "webhook_secret"), MISSING, 'customers[0].icims: webhook_auth "basic" needs webhook_user'),
    ((*CUSTOMER, "icims", "webhook_user"), "a:b", "customers[0].icims.webhook_user: "),
    ((*CUSTOMER, "icims", "client_secret"), 5, "customers[0].icims.client_secret: "),
    ((*CUSTOMER, "icims", "apply_url"), "javascript:x", "customers[0].icims.apply_url: "),
    ((*CUSTOMER, "linkedin", "application_urn"), "234", "customers[0].linkedin.application_urn: "),
    ((*CUSTOMER, "linkedin", "organization_urn"), "urn:li:company:1", "customers[0].linkedin.organization_urn: "),
    ((*CUSTOMER, "linkedin", "contract_urn"), "urn:li:contract:1\n", "customers[0].linkedin.contract_urn: "),
    (
        (*CUSTOMER, "linkedin", "contract_urn"),
        MISSING,
        'customers[0].linkedin: listing_type "PREMIUM" needs contract_urn',
    ),
    ((*CUSTOMER, "indeed", "webhook_signature_algorithm"), "md5", "customers[0].indeed.webhook_signature_algorithm: "),
    ((*CUSTOMER, "indeed", "campaign_categories"), ["a", ""], "customers[0].indeed.campaign_categories[1]: "),
]


@pytest.mark.parametrize(("path", "value", "start"), BAD_VALUES)
def test_a_bad_value_is_one_line_that_names_its_key(path: Path_, value: object, start: str) -> None:
    assert complaint(changed(path, value)).startswith(start)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("customers",), "customers"),
        ((*CUSTOMER, "id"), "customers[0].id"),
        ((*CUSTOMER, "icims"), "customers[0].icims"),
        ((*CUSTOMER, "icims", "webhook_auth"), "customers[0].icims.webhook_auth"),
        ((*CUSTOMER, "linkedin", "client_secret"), "customers[0].linkedin.client_secret"),
        ((*CUSTOMER, "indeed", "advertiser_id"), "customers[0].indeed.advertiser_id"),
    ],
)
def test_a_missing_key_is_named(path: Path_, key: str) -> None:
    assert complaint(changed(path, MISSING)) == f"{key}: required, but missing"


@pytest.mark.parametrize("mode", ["basic", "hmac", "oauth"])
@pytest.mark.parametrize("key", ["webhook_user", "webhook_secret"])
def test_a_way_of_authenticating_needs_a_user_and_a_secret(mode: str, key: str) -> None:
    raw = changed((*CUSTOMER, "icims", "webhook_auth"), mode)
    assert load(raw).customers[0].icims.webhook_auth == mode
    del raw["customers"][0]["icims"][key]
    assert complaint(raw).startswith(f'customers[0].icims: webhook_auth "{mode}" needs webhook_user and webhook_secret')


def test_no_authentication_is_named_and_needs_nothing() -> None:
    raw = changed((*CUSTOMER, "icims", "webhook_auth"), "none")
    for key in ("webhook_user", "webhook_secret"):
        del raw["customers"][0]["icims"][key]
    assert load(raw).customers[0].icims.webhook_auth == "none"


def test_the_defaults_of_what_is_exchanged_with_icims() -> None:
    icims = load(EXAMPLE).customers[0].icims
    assert (icims.status_reply, icims.job_distributor_id, icims.report) == ("message", None, True)
    assert icims.webhook_previous_secret is None
    assert icims.fields.model_dump() == {
        "title": "jobtitle",
        "location": "joblocation",
        "overview": "overview",
        "responsibilities": "responsibilities",
        "qualifications": "qualifications",
        "positions": "numberofpositions",
        "company": None,
    }


def test_what_is_exchanged_with_icims_is_set_for_each_customer() -> None:
    raw = changed((*CUSTOMER, "icims", "fields"), {"overview": "job.custom_1"})
    raw["customers"][0]["icims"] |= {
        "status_reply": "redirect",
        "job_distributor_id": "D90005",
        "report": False,
        "webhook_previous_secret": "env:ICIMS_1234_SECRET",
    }
    icims = load(raw).customers[0].icims
    assert (icims.status_reply, icims.job_distributor_id, icims.report) == ("redirect", "D90005", False)
    assert (icims.fields.overview, icims.fields.title) == ("job.custom_1", "jobtitle")
    assert icims.webhook_previous_secret is not None
    assert icims.webhook_previous_secret.get_secret_value() == "hunter2-icims"
    assert "hunter2" not in f"{icims!r}{icims.model_dump_json()}"


def unsigned(**customer: Any) -> dict[str, Any]:
    """Return the example without anything that the gateway signs."""
    raw = changed(("gateway",), {})
    raw["customers"][0] |= {"closing_statuses": [], **customer}
    return raw


def test_a_link_secret_is_needed_only_where_something_is_signed() -> None:
    assert load(unsigned()).gateway.link_secret is None
    assert complaint(changed(("gateway", "link_secret"), MISSING)) == (
        "gateway.public_url needs gateway.link_secret, which signs links to job pages"
    )
    oauth = {**EXAMPLE["customers"][0]["icims"], "webhook_auth": "oauth"}
    for customer in ({"closing_statuses": ["9782"]}, {"icims": oauth}):
        raw = unsigned(**customer)
        assert complaint(raw) == (
            'customer 1234 has closing_statuses or webhook_auth "oauth": gateway.link_secret is needed'
        )
        raw["gateway"] = {"link_secret": "env:BOARDSYNC_LINK_SECRET"}
        assert load(raw).gateway.link_secret is not None


def test_every_reply_to_icims_can_be_worded() -> None:
    words = dict.fromkeys(Messages.model_fields, "{{Job}} {job_id} of {customer_id}: {boards} {link}")
    messages = load(changed(("gateway", "messages"), words)).gateway.messages
    values = {
        "job_id": "1209",
        "customer_id": "1234",
        "boards": "LinkedIn",
        "actions": "closed on LinkedIn",
        "link": "",
    }
    assert {text.format(**values) for _, text in messages} == {"{Job} 1209 of 1234: LinkedIn "}
    for _, text in Messages():
        assert text.format(**values)


@pytest.mark.parametrize("board", ["linkedin", "indeed"])
def test_a_board_without_its_section_is_named(board: str) -> None:
    expected = f'customers[0]: boards names "{board}", so [customers.{board}] is needed'
    assert complaint(changed((*CUSTOMER, board), MISSING)) == expected


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("monitoring",), "monitoring"),
        (("gateway", "port"), "gateway.port"),
        (("timing", "confirm"), "timing.confirm"),
        ((*CUSTOMER, "linkedin", "secret"), "customers[0].linkedin.secret"),
        ((*CUSTOMER, "indeed", "two\nlines"), "customers[0].indeed.two lines"),
    ],
)
def test_an_unknown_key_is_named(path: Path_, key: str) -> None:
    assert complaint(changed(path, "hunter2-value")).startswith(f"{key}: unknown key")


def test_a_customer_may_not_be_listed_twice() -> None:
    raw = copy.deepcopy(EXAMPLE)
    raw["customers"] *= 2
    assert complaint(raw) == "customers lists the id 1234 twice"


LEAVES: list[Path_] = [
    *((section, key) for section in ("gateway", "icims", "linkedin", "indeed", "timing") for key in EXAMPLE[section]),
    *((*CUSTOMER, board, key) for board in ("icims", "linkedin", "indeed") for key in EXAMPLE["customers"][0][board]),
    *((*CUSTOMER, key) for key in EXAMPLE["customers"][0]),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(LEAVES), VALUES)
def test_any_value_anywhere_loads_or_is_one_line_without_a_secret(path: Path_, value: object) -> None:
    raw = changed(path, value)
    try:
        load(raw)
    except ConfigurationError:
        complaint(raw)


UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


@given(st.integers(1, 10_000), st.sampled_from(sorted(UNITS)))
def test_a_duration_is_a_number_and_a_unit(number: int, unit: str) -> None:
    settings = load(changed(("timing", "confirm_first"), f"{number}{unit}"))
    assert settings.timing.confirm_first == number * UNITS[unit]


@given(st.from_regex(r"[0-9]{1,400}(\.[0-9]{1,5})?(ms|s|m|h|d)", fullmatch=True) | st.text(max_size=8))
@example("9" * 400 + "d")
@example("0.0000001ms")
def test_any_other_duration_is_a_complaint(text: str) -> None:
    raw = changed(("timing", "attention_after"), text)
    try:
        settings = load(raw)
    except ConfigurationError:
        assert complaint(raw).startswith(("timing.attention_after: ", "timing.attention_after: expected a duration"))
    else:
        assert timedelta(0) < settings.timing.attention_after <= timedelta.max


@pytest.mark.parametrize(("listen", "host", "port"), [("[::1]:80", "::1", 80), ("0.0.0.0:0", "0.0.0.0", 0)])  # noqa: S104
def test_the_address_to_listen_on_is_split(listen: str, host: str, port: int) -> None:
    gateway = load(changed(("gateway", "listen"), listen)).gateway
    assert (gateway.host, gateway.port) == (host, port)


def test_a_template_is_filled_with_the_jobs_ids() -> None:
    assert fill("{customer_id}-{job_id}/{other}{", customer_id="1234", job_id="1209") == "1234-1209/{other}{"
