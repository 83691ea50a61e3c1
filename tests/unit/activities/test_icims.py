"""What iCIMS wants of a job, as far as folder and career portals tell."""

import pytest

from activities.icims import wanted_of
from clients.errors import ProviderError
from clients.icims import protocol
from clients.icims.protocol import Folder, read_folder, read_portal_job
from models.states import Intent
from tests.support.replies import reply

APPROVED = Folder("D31001", "Approved")
POSTED, UNPOSTED = Intent.POSTED, Intent.UNPOSTED


@pytest.mark.parametrize(
    ("folder", "portals", "posted_folders", "asked", "expected"),
    [
        (APPROVED, [], [], [], None),
        (None, [], [], [], None),
        (APPROVED, [], ["Approved"], [], POSTED),
        (APPROVED, [], [" approved "], [], POSTED),
        (APPROVED, [], ["d31001"], [], POSTED),
        (APPROVED, [], ["Open"], [], UNPOSTED),
        (None, [], ["Approved"], [], None),
        (APPROVED, ["jobs"], [], ["jobs", "internal"], POSTED),
        (APPROVED, [], [], ["jobs"], UNPOSTED),
        (APPROVED, [], ["Approved"], ["jobs"], UNPOSTED),
        (APPROVED, ["jobs"], ["Open"], ["jobs"], UNPOSTED),
        (None, ["jobs"], ["Approved"], ["jobs"], POSTED),
    ],
)
def test_folder_and_portals_tell_what_is_wanted(
    folder: Folder | None, portals: list[str], posted_folders: list[str], asked: list[str], expected: Intent | None
) -> None:
    assert wanted_of(folder, portals, posted_folders=posted_folders, asked_portals=asked) is expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"id": "D31001", "value": "Approved", "formattedvalue": "Approved"}, APPROVED),
        ({"value": "Approved"}, Folder(None, "Approved")),
        ("Approved", Folder(None, "Approved")),
        ({}, None),
        (None, None),
        (7, None),
        ([], None),
    ],
)
def test_a_folder_is_read_in_every_form(node: object, expected: Folder | None) -> None:
    assert read_folder(reply({"folder": node, "links": []})) == expected


def test_a_portals_job_is_asked_for_under_the_portals_own_name_and_nothing_else() -> None:
    request = protocol.portal_job_request("https://api.icims.com", "1234", "jobs/../x", "1209")
    assert request.url == "https://api.icims.com/customers/1234/portals/jobs%2F..%2Fx/1209"


def test_only_icims_itself_can_say_that_a_portal_does_not_show_a_job() -> None:
    refusal = {"errors": [{"errorCode": 2, "errorMessage": "Job not found."}]}
    assert read_portal_job(reply({"id": 1209})) is True
    assert read_portal_job(reply(refusal, status=404)) is False
    for answer in (reply({"error": "nothing here"}, status=404), reply(refusal, status=500)):
        with pytest.raises(ProviderError):
            read_portal_job(answer)
