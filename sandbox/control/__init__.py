"""The control API: plain JSON without authentication, for people and tests."""
