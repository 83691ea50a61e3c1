"""Indeed's ids of a job: Base64 over an IRI that its guide spells in two ways (docs/providers/indeed.md)."""

import base64
import binascii

_SPELLINGS = ("iri://apis.indeed.com/EmployerJob/", "urn:indeed:employerjob:")


def job_key(employer_job_id: str) -> str:
    """Return what the spellings of one job's id share, in lower case; else the id as it is."""
    key = _key(employer_job_id)
    return employer_job_id if key is None else key.lower()


def spellings(employer_job_id: str) -> tuple[str, ...]:
    """Return every id under which the same job may be known, the given one first."""
    key = _key(employer_job_id)
    if key is None:
        return (employer_job_id,)
    others = (base64.b64encode(f"{each}{key}".encode()).decode() for each in _SPELLINGS)
    return tuple(dict.fromkeys((employer_job_id, *others)))


def names_another(shown: str, asked: str) -> bool:
    """Return whether an id is surely another job's; of ids in forms that are not known nobody can say."""
    one, other = _key(shown), _key(asked)
    return one is not None and other is not None and one.lower() != other.lower()


def _key(employer_job_id: str) -> str | None:
    text = employer_job_id
    if not text.startswith(_SPELLINGS):  # an event of the legacy form may give the IRI as it is
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    found = next((each for each in _SPELLINGS if text.startswith(each)), None)
    return None if found is None else text.removeprefix(found)
