"""What goes wrong at providers and on the way to them, and passes: drawn at random."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

Fault = dict[str, Any]
PROVIDERS = ("icims", "linkedin", "indeed")
OPERATIONS = {
    "icims": ("token", "job", "address", "jobboardposts", "*"),
    "linkedin": ("token", "submit", "tasks", "status", "*"),
    "indeed": ("token", "update", "clear", "node", "nodes", "find", "*"),
}
WRITES = frozenset({"linkedin.submit", "indeed.update", "indeed.clear", "icims.jobboardposts"})
OF_ANY: Sequence[Fault] = (
    {"kind": "http", "status": 429},
    {"kind": "http", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "http", "status": 429, "body": "<html>slow down</html>"},
    {"kind": "http", "status": 408},
    {"kind": "http", "status": 421},
    {"kind": "http", "status": 500},
    {"kind": "http", "status": 500, "body": ""},
    {"kind": "http", "status": 502, "body": "<html>bad gateway</html>"},
    {"kind": "http", "status": 503, "headers": {"Retry-After": "1"}},
    {"kind": "http", "status": 504},
    {"kind": "http", "status": 999},
    {"kind": "http", "status": 401, "body": "<html>log in</html>"},
    {"kind": "http", "status": 403, "body": "<html>blocked</html>"},
    {"kind": "http", "status": 404, "body": "<html>not here</html>"},
    {"kind": "http", "status": 407, "body": "<html>proxy</html>"},
    {"kind": "http", "status": 302, "headers": {"Location": "https://example.com/"}, "body": ""},
    {"kind": "http", "preset": "waf"},
    {"kind": "http", "preset": "cdn"},
    {"kind": "drop"},
    {"kind": "garbage"},
    {"kind": "surrogate"},
    {"kind": "slow", "seconds": 1.0},
    {"kind": "slow_answer", "seconds": 1.0},
    {"kind": "gzip_bomb", "size": 64 * 1024**2},
    {"kind": "padded", "size": 16 * 1024**2},
)
OF_WRITES: Sequence[Fault] = ({"kind": "lost_answer"}, {"kind": "http_after", "status": 504})
OF_TOKENS: Sequence[Fault] = (
    {"kind": "http", "preset": "temporarily_unavailable"},
    {"kind": "http", "status": 500, "body": {"error": "server_error"}},
    {"kind": "rewrite", "values": {"expires_in": None}},
    {"kind": "rewrite", "values": {"expires_in": 1}},
    {"kind": "rewrite", "values": {"access_token": None}},
    {"kind": "lost_answer"},
)
OF_API: Sequence[Fault] = ({"kind": "expire_token"},)
OF_GRAPHQL: Sequence[Fault] = (
    *(
        {"kind": "http", "preset": preset}
        for preset in (
            "data_fetching_exception",
            "rate_limited_type",
            "rate_limit_category",
            "service_unavailable",
            "no_code",
            "errors_object",
            "errors_text",
            "empty_errors",
        )
    ),
)
HANGS: Sequence[Fault] = (
    {"kind": "drip", "seconds": 1.0},
    {"kind": "drip", "seconds": 1.0, "work": True},
    {"kind": "slow", "seconds": 45.0},
)
"""They last until a call is given up after half a minute."""


def draw(rng: random.Random, *, hangs: bool) -> Mapping[str, Any]:
    """Return a fault as the sandbox takes it; it hits a few calls and is over."""
    provider = rng.choice(PROVIDERS)
    operation = rng.choice(OPERATIONS[provider])
    kinds = [*OF_ANY]
    if operation == "token":
        kinds += OF_TOKENS
    elif operation != "*":
        kinds += OF_API
        kinds += OF_GRAPHQL if provider == "indeed" else ()
    if f"{provider}.{operation}" in WRITES:
        kinds += OF_WRITES
    if hangs and rng.random() < 0.05:
        kinds = [*HANGS]
    return {"provider": provider, "operation": operation, "times": rng.randint(1, 6), **rng.choice(kinds)}
