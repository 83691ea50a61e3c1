"""What the options of the command line mean."""

from datetime import UTC, datetime, timedelta

import pytest

from boardsync.commands.options import ago
from boardsync.exits import CommandFailed


def test_a_time_is_how_long_ago_or_a_date() -> None:
    assert abs(datetime.now(UTC) - ago("2d") - timedelta(days=2)) < timedelta(minutes=1)
    assert ago("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert ago("2026-11-01T12:00:00+02:00") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    for wrong in ("soon", "", "-2d", "99999999999d"):
        with pytest.raises(CommandFailed, match="is no time"):
            ago(wrong)
