"""Failures are told as they happen: a run that is broken off has no summary."""

import pytest


class Telling:
    """Prints what failed and why, beside the progress, in the process that has the terminal."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None and not hasattr(self._config, "workerinput"):
            terminal.write(f"\n{report.nodeid} ({report.when}): {_reason(report)}\n", flush=True, red=True)


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash is not None else report.longrepr).strip().splitlines()
    return lines[0][:300] if crash is not None and lines else (lines or [""])[-1][:300]
