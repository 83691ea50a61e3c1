"""The world as it is after every start and reset."""

from sandbox.content import JobContent, Location, Salary
from sandbox.customers import Customer
from sandbox.jobs.changes import put
from sandbox.jobs.specs import Boards
from sandbox.world import World

_CUSTOMERS = (
    {
        "customer_id": "1234",
        "name": "Example Health",
        "linkedin": {
            "application_urn": "urn:li:developerApplication:234",
            "organization_urn": "urn:li:organization:5678",
            "contract_urn": "urn:li:contract:91011",
        },
    },
    {"customer_id": "5678", "name": "Northwind Clinics"},
)

_OAKLAND = Location(street="2450 Ashby Ave", city="Oakland", state="CA", zip="94609")
_PHOENIX = Location(street="1234 Sunny Lane", city="Phoenix", state="AZ", zip="85003")

_JOBS: tuple[tuple[str, str, JobContent], ...] = (
    (
        "1234",
        "1209",
        JobContent(
            title="Registered Nurse, Night Shift",
            overview=(
                "<p>Our surgical ward in San Francisco looks for a registered nurse for the night shift. "
                "You will look after six patients at most, in a team of four nurses and one resident. "
                "Nights are 7 pm to 7 am, three in a row, then four days off.</p>"
            ),
            positions=2,
        ),
    ),
    ("1234", "1242", JobContent(title="Physical Therapist", location=_OAKLAND)),
    (
        "1234",
        "1301",
        JobContent(
            title="Pharmacy Technician",
            salary=Salary(minimumMinor=2400, maximumMinor=3100, period="HOUR"),
        ),
    ),
    ("1234", "1302", JobContent(title="Medical Assistant", location=_OAKLAND, position_type="Part-Time")),
    (
        "1234",
        "1303",
        JobContent(
            title="Director of Nursing",
            salary=Salary(minimumMinor=15_500_000, maximumMinor=18_900_000, period="YEAR"),
        ),
    ),
    (
        "5678",
        "2001",
        JobContent(title="Nurse Practitioner", company="Northwind Clinics", location=_PHOENIX),
    ),
    ("5678", "2002", JobContent(title="Front Desk Lead", company="Northwind Clinics", location=_PHOENIX)),
)


def seed(world: World) -> None:
    """Fill an empty world."""
    for given in _CUSTOMERS:
        world.customers.add(Customer.model_validate(given))
    for customer_id, job_id, content in _JOBS:
        if customer := world.customers.get(customer_id):
            put(world, customer, job_id, content, Boards())
