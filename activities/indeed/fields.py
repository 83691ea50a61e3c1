"""Does Indeed show what was set? Field by field, as Indeed reformats what it takes; a guess is never a proof."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from urllib.parse import quote, unquote, urlsplit

from bs4 import BeautifulSoup

from clients.indeed.reading import EmployerJob, Pay
from models.overlay import COMPANY_LIMIT, TITLE_LIMIT, Overlay, OverlaySalary, Verdict
from models.texts import folded, words

_QUOTES = dict.fromkeys(range(0x2018, 0x201C), "'") | dict.fromkeys(range(0x201C, 0x2020), '"')
_DASHES = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
_NOT_TEXT = re.compile(r"[\s\u200b-\u200d\ufeff\u00ad\u2022\u25e6\u25aa\u2023\u00b7\u2219*]")
"""Spaces, and the marks by which a list is drawn once its HTML is gone."""
_STORED = {"title": TITLE_LIMIT, "company_name": COMPANY_LIMIT}
"""Characters that Indeed stores."""
_PORTS = {"http": 80, "https": 443}
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "UGX": 0, "XAF": 0, "XOF": 0, "PYG": 0}
_MINOR_DIGITS |= {"KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3, "IQD": 3, "LYD": 3}
"""Decimal digits of a currency's minor unit (ISO 4217), where they are not two."""
_PERIODS = {"HOURLY": "HOUR", "DAILY": "DAY", "WEEKLY": "WEEK", "MONTHLY": "MONTH", "YEARLY": "YEAR", "ANNUAL": "YEAR"}


def verdict(name: str, wanted: Overlay, job: EmployerJob) -> Verdict:
    """Compare one field that is set."""
    return _COMPARE[name](wanted, job)


def digest(name: str, overlay: Overlay) -> str:
    """Stand for the value of a field that is set, in the form in which it is compared."""
    return _hash(_canonical(name, overlay))


def shown_digests(name: str, job: EmployerJob) -> set[str]:
    """Return the digests that a field as shown may have been sent as; none where that cannot be told."""
    texts: set[str | None] = set()
    if name == "description" and job.description is not None:
        texts = set(_as_shown(job.description))
    elif name == "tracking_url":
        texts = {_address(url) for url in job.tracking_urls}
    elif name in {"title", "company_name", "url"}:
        shown = {"title": job.title, "company_name": job.company, "url": job.url}[name]
        texts = {None if shown is None else (_address if name == "url" else words)(shown)}
    return {_hash(text) for text in texts if text is not None}


def minor_digits(currency: str | None) -> int | None:
    """Return how many decimal digits a currency's minor unit has; None where the currency is not known."""
    return None if currency is None else _MINOR_DIGITS.get(currency, 2)


def _canonical(name: str, overlay: Overlay) -> str:
    value = getattr(overlay, name)
    match name:
        case "description":
            return _bare(_plain(value) if overlay.description_formatting == "HTML" else value)
        case "title" | "company_name":
            return words(value)
        case "url" | "tracking_url":
            return _address(value)
        case "campaign_categories":
            return "\n".join(sorted(value))
        case _:
            return str(value.model_dump_json())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _text(name: str, shown: str | None, wanted: Overlay) -> Verdict:
    if shown is None:
        return Verdict.UNREADABLE
    given, stored = _canonical(name, wanted), words(shown)
    if stored == given:
        return Verdict.CONFIRMED
    # What is longer than Indeed stores comes back cut, with or without an ellipsis.
    cut = stored.removesuffix("…").removesuffix("...").rstrip()
    longer = len(given) > _STORED[name] and len(stored) >= _STORED[name] - len(" ...") and given.startswith(cut)
    return _confirmed_if(longer)


def _url(wanted: Overlay, job: EmployerJob) -> Verdict:
    if job.url is None:
        return Verdict.UNREADABLE
    if _address(job.url) == _canonical("url", wanted):
        return Verdict.CONFIRMED
    # Indeed may name its own page of the job there (the guide's sample does), whatever the apply URL is.
    own = re.match(r"https?://([^/]+\.)?indeed\.com(/|$)", job.url, re.IGNORECASE) is not None
    return Verdict.NOT_COMPARABLE if own else Verdict.CONTRADICTED


def _tracking_url(wanted: Overlay, job: EmployerJob) -> Verdict:
    # Indeed writes one tracking URL and reads a list.
    return _confirmed_if(_canonical("tracking_url", wanted) in {_address(url) for url in job.tracking_urls})


def _categories(wanted: Overlay, job: EmployerJob) -> Verdict:
    # Whether Indeed replaces categories or adds to them is open, so others may stand beside ours.
    return _confirmed_if(set(wanted.campaign_categories or ()) <= set(job.campaign_categories))


def _description(wanted: Overlay, job: EmployerJob) -> Verdict:
    if job.description is None:
        return Verdict.UNREADABLE
    return _confirmed_if(_canonical("description", wanted) in _as_shown(job.description))


def _as_shown(description: str) -> tuple[str, str]:
    """Read a description as text and as HTML: which of them Indeed shows is not documented."""
    return _bare(description), _bare(_plain(description))


def _location(wanted: Overlay, job: EmployerJob) -> Verdict:
    place, location = job.place, wanted.location
    if location is None or (place.city is None and place.full_address is None):
        return Verdict.UNREADABLE
    city, region, postal = _parts(location.city_region_postal or "")
    shown = folded(place.full_address or "")
    if place.city is not None and folded(place.city) != city:
        # "New York" and "New York City" may be the same place; Oakland and Phoenix are not.
        alike = folded(place.city) in city or city in folded(place.city)
        return Verdict.NOT_COMPARABLE if alike else Verdict.CONTRADICTED
    if place.city is None and city not in shown:
        return Verdict.NOT_COMPARABLE
    if postal and place.postal_code and _squeezed(place.postal_code) != postal:
        return Verdict.CONTRADICTED
    same_postal = bool(postal) and (_squeezed(place.postal_code or "") == postal or postal in _squeezed(shown))
    # A postal code settles the region too, which Indeed shows in the address only.
    same_region = same_postal or not (region or postal) or (not postal and _has_word(shown, region))
    street = folded(location.street_address or "").partition(",")[0]
    return Verdict.CONFIRMED if same_region and street in shown else Verdict.NOT_COMPARABLE


def _parts(text: str) -> tuple[str, str, str]:
    """Take `City, Region Postal` apart, as far as that can be told."""
    city, _, rest = text.partition(",")
    numbered = [word for word in rest.split() if any(letter.isdigit() for letter in word)]
    region = " ".join(word for word in rest.split() if word not in numbered)
    return folded(city), folded(region.strip(" ,")), _squeezed("".join(numbered))


def _salary(wanted: Overlay, job: EmployerJob) -> Verdict:
    salary, pay = wanted.salary, job.pay
    if salary is None or pay is None:
        return Verdict.CONTRADICTED
    period = (pay.period or "").upper()
    found = [
        _same(salary.period, _PERIODS.get(period, period) or None),
        _same(salary.currency, pay.currency),
        _bound(salary, salary.minimum_minor, pay, pay.minimum_minor, pay.minimum),
        _bound(salary, salary.maximum_minor, pay, pay.maximum_minor, pay.maximum),
    ]
    for worst in (Verdict.CONTRADICTED, Verdict.NOT_COMPARABLE):
        if worst in found:
            return worst
    return Verdict.CONFIRMED


def _same(wanted: str | None, shown: str | None) -> Verdict:
    if wanted is None:
        return Verdict.CONFIRMED
    return Verdict.NOT_COMPARABLE if shown is None else _confirmed_if(wanted == shown)


def _bound(
    salary: OverlaySalary, wanted: int | None, pay: Pay, shown_minor: int | None, shown: Decimal | None
) -> Verdict:
    if wanted is None:
        return Verdict.CONFIRMED
    if shown_minor is not None or shown is None:
        return _confirmed_if(wanted == shown_minor)
    digits = minor_digits(salary.currency or pay.currency)
    if shown.scaleb(2 if digits is None else digits) == wanted:
        return Verdict.CONFIRMED
    # The guide does not name the unit of `min` and `max`.
    return Verdict.NOT_COMPARABLE if shown == wanted else Verdict.CONTRADICTED


_COMPARE: Mapping[str, Callable[[Overlay, EmployerJob], Verdict]] = {
    "url": _url,
    "campaign_categories": _categories,
    "tracking_url": _tracking_url,
    "title": lambda wanted, job: _text("title", job.title, wanted),
    "description": _description,
    "location": _location,
    "salary": _salary,
    "company_name": lambda wanted, job: _text("company_name", job.company, wanted),
}


def _confirmed_if(same: bool) -> Verdict:
    return Verdict.CONFIRMED if same else Verdict.CONTRADICTED


def _address(url: str) -> str:
    """Bring a URL into one form: what may differ in spelling without being another address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url
    at = f":{port}" if port is not None and port != _PORTS.get(parts.scheme) else ""
    path, query = _escaped(parts.path or "/", safe="/:@"), _escaped(parts.query, safe="/:@?")
    return parts._replace(netloc=f"{host}{at}", path=path, query=query).geturl()


def _escaped(text: str, *, safe: str) -> str:
    """Bring the percent-encoding of a part of a URL into one form, as Indeed writes it in its own."""
    return quote(unquote(text), safe=f"{safe}!$&'()*+,;=-._~")


def _plain(text: str) -> str:
    # The wrapper keeps BeautifulSoup from warning of a text that looks like a file name or an address.
    return BeautifulSoup(f"<div>{text}</div>", "html.parser").get_text()


def _bare(text: str) -> str:
    return _NOT_TEXT.sub("", unicodedata.normalize("NFKC", text).translate(_QUOTES | _DASHES))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]", "", text).casefold()


def _has_word(text: str, word: str) -> bool:
    return bool(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
