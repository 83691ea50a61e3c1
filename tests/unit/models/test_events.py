"""What people may set by the signal `update`."""

from typing import Any

import pytest
from pydantic import ValidationError

from models.events import UpdateAction
from models.overlay import Overlay, OverlayLocation, OverlaySalary


def test_fields_are_set_and_nulls_take_back() -> None:
    action = UpdateAction.model_validate(
        {
            "by": "Ana",
            "fields": {
                "title": "Nurse",
                "salary": {"minimum_minor": 5200, "period": "HOUR"},
                "location": {"city_region_postal": "Phoenix"},
                "campaign_categories": ["a", "b"],
                "url": None,
            },
        }
    )
    assert action.by == "Ana"
    assert action.removed == ("url",)
    assert action.fields == Overlay(
        title="Nurse",
        salary=OverlaySalary(minimum_minor=5200, period="HOUR"),
        location=OverlayLocation(city_region_postal="Phoenix"),
        campaign_categories=("a", "b"),
    )


@pytest.mark.parametrize("said", [{}, {"fields": {}}, {"fields": None}, {"reason": "again"}])
def test_nothing_said_compares_the_job_anew(said: dict[str, Any]) -> None:
    action = UpdateAction.model_validate(said)
    assert (action.fields, action.removed) == (Overlay(), ())


@pytest.mark.parametrize(
    "said",
    [
        {"fields": {"Title": "x"}},
        {"fields": {"companyName": "x"}},
        {"title": "x"},
        {"removed": ["title"]},
        {"fields": ["title"]},
        {"fields": {"title": 7}},
        {"fields": {"campaign_categories": "a"}},
        {"fields": {"description_formatting": "MARKDOWN"}},
        {"fields": {"salary": {"minimum_minor": "5200"}}},
        {"fields": {"salary": {"minimum_minor": True}}},
        {"fields": {"salary": {"maximumMinor": 1}}},
        {"fields": {"location": "Phoenix"}},
        {"fields": {"location": {"city": "Phoenix"}}},
        "{x",
        [],
    ],
)
def test_what_is_not_understood_is_refused_as_a_whole(said: object) -> None:
    with pytest.raises(ValidationError):
        UpdateAction.model_validate(said)
