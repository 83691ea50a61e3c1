"""One package per provider: a pure protocol (build the request, read the response) and a thin client."""
