"""Read the alert rules and the dashboard, and find the metrics that they use."""

import json
import re
from pathlib import Path
from typing import Any

METRICS = Path(__file__).resolve().parents[2] / "deploy" / "metrics"
ALERTS = METRICS / "alerts.yml"
DASHBOARD = METRICS / "grafana" / "dashboards" / "boardsync.json"

WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
NOT_METRICS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool"}


def metrics_of(query: str) -> set[str]:
    """Return the names of the metrics in a PromQL query: what is no function, label, keyword, duration or string."""
    query = re.sub(r"\"[^\"]*\"|'[^']*'", "", query)
    query = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", query)
    query = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", query)
    query = re.sub(r"\b[0-9][0-9a-z.]*", "", query)
    functions = set(re.findall(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\(", query))
    # `sum by (le) (…)` has become `sum  (…)`, so an aggregation reads as a function too.
    return set(WORD.findall(query)) - functions - NOT_METRICS


def dashboard_panels() -> dict[str, list[str]]:
    """Return the queries of each panel of the dashboard, by its title."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in dashboard["panels"]}


def dashboard_queries() -> list[str]:
    """Return every query of the dashboard."""
    return [query for queries in dashboard_panels().values() for query in queries]


def alerts() -> list[dict[str, Any]]:
    """Return every alert."""
    return read_rules(ALERTS.read_text(encoding="utf-8"))


def read_rules(text: str) -> list[dict[str, Any]]:
    """Read the form of YAML in which the rules are written, and no other: no YAML library is locked.

    Raises ValueError at a line that is not of that form.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines[:1] != ["groups:"]:
        raise ValueError("expected groups:")
    found: list[dict[str, Any]] = []
    section: dict[str, Any] = {}
    folded = ""
    for line in lines[1:]:
        indent = len(line) - len(line.lstrip())
        key, colon, value = line.strip().removeprefix("- ").partition(": ")
        if folded and indent == 10:
            found[-1][folded] = f"{found[-1][folded]} {line.strip()}".strip()
            continue
        folded = ""
        if (indent, line.strip()) == (4, "rules:") or (indent == 2 and line.startswith("  - name: ")):
            continue
        if indent == 6 and line.startswith("      - alert: "):
            found.append({"alert": value})
        elif indent == 8 and colon and key in {"expr", "for"}:
            folded = key if value == ">-" else ""
            found[-1][key] = "" if folded else value
        elif indent == 8 and line.strip() in {"labels:", "annotations:"}:
            section = found[-1].setdefault(line.strip().rstrip(":"), {})
        elif indent == 10 and colon and re.fullmatch(r"\w+", key):
            section[key] = _scalar(value)
        else:
            raise ValueError(f"cannot read {line!r}")
    return found


def _scalar(value: str) -> str:
    if value.startswith("'"):
        if not value.endswith("'") or "'" in value[1:-1]:
            raise ValueError(f"cannot read {value!r}")
        return value[1:-1]
    if re.search(r"[{}\[\]#&*!|>\"%@`]|: ", value) and not re.fullmatch(r"docs/\w+\.md#\w+", value):
        raise ValueError(f"{value!r} needs quotes")
    return value
