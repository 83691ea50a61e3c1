"""Words of others without what must not be kept: e-mail addresses, tokens, passwords. Pure.

A provider may repeat in an error what it was sent, or name a person. What is kept for years, or shown to many, says
that something stood there, and no more.
"""

import re
from typing import Annotated

from pydantic import AfterValidator

EMAIL = "[e-mail address]"
SECRET = "[secret]"  # noqa: S105 -- what stands in a secret's place
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}(?:@|%40|\\u0040|&#64;)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"""(?<![A-Za-z0-9])
    ((?:[A-Za-z0-9]{1,30}[_-]){0,3}
     (?:access_?token|refresh_?token|id_?token|token|client_?secret|secret|password|passwd|pwd|api[_-]?key|
        assertion|authorization|signature|sig|session_?id|cookie)
    (?:\\?["'])?\s{0,4}(?::|=|%3d)\s{0,4}(?:\\?["'])?)
    ([^\s"'\\,;&<>(){}\[\]]{6,4096})""",
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME = re.compile(r"\b(Bearer|Basic|hmac-sha256)(\s{1,4}|%20|\+)([A-Za-z0-9._~+/=-]{8,4096})", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?")
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{0,20000}?(?:-----END [A-Z ]{0,40}-----|\Z)", re.DOTALL)
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]{1,20}://)[^\s/@\"'<>]{1,500}@", re.IGNORECASE)
_OPAQUE = re.compile(r"(?<![A-Za-z0-9_+/=.:-])[A-Za-z0-9_+/=-]{40,4096}(?![A-Za-z0-9_+/=-])")
_WORD = re.compile(r"[A-Z]?[a-z]+(?:[_.-][a-z]+)*\.?|[A-Z]+(?:[_-][A-Z]+)*\.?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def scrub(text: str) -> str:
    """Return a text with e-mail addresses and whatever looks like a secret left out; scrubbed twice it is the same."""
    if len(text) < 6:
        return text
    text = _PRIVATE.sub(SECRET, text)
    text = _USERINFO.sub(rf"\1{SECRET}@", text)
    text = _JWT.sub(SECRET, text)
    text = _SCHEME.sub(lambda found: _unless_word(found, found[1] + found[2], found[3]), text)
    text = _NAMED.sub(_named, text)
    text = _ADDRESS.sub(EMAIL, text)
    return _OPAQUE.sub(_if_random, text)


def _named(found: re.Match[str]) -> str:
    # `token=x` and `"token":"x"` are how machines write; "token: expired" is how people do.
    prose = not re.search(r"""["'=]|%3d""", found[1], re.IGNORECASE)
    return _unless_word(found, found[1], found[2]) if prose else f"{found[1]}{SECRET}"


def _unless_word(found: re.Match[str], before: str, value: str) -> str:
    return found[0] if _WORD.fullmatch(value) else f"{before}{SECRET}"


def _if_random(found: re.Match[str]) -> str:
    """Leave ids, paths and words; take what only a machine could have made up: long, and of all kinds of letters."""
    text = found[0]
    if _UUID.search(text) or text.count("/") > 2 or len(text) < 40:
        return text
    kinds = (any(map(str.isupper, text)), any(map(str.islower, text)), any(map(str.isdigit, text)))
    return SECRET if all(kinds) and len(set(text)) >= 16 else text


Said = Annotated[str, AfterValidator(scrub)]
"""Words of others, or around them."""
