"""Failures are told as they happen: a run that is broken off has no summary. What was not run counts as failed."""

from collections.abc import Sequence

import pytest


class Telling:
    """Prints what failed and why, beside the progress, in the process that has the terminal."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._not_run: set[str] = set()
        self._collected = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if not self._collected:
            self._collected, self._not_run = True, set(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._not_run.discard(report.nodeid)
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None and not hasattr(self._config, "workerinput"):
            terminal.write(f"\n{report.nodeid} ({report.when}): {_reason(report)}\n", flush=True, red=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Have `--last-failed` run what no process came to, as where too many of them ended."""
        known = self._config.pluginmanager.get_plugin("lfplugin")
        if known is not None and exitstatus == pytest.ExitCode.TESTS_FAILED and not self._config.getoption("maxfail"):
            known.lastfailed.update(dict.fromkeys(self._not_run, True))


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash is not None else report.longrepr).strip().splitlines()
    return lines[0][:300] if crash is not None and lines else (lines or [""])[-1][:300]
