"""The files of the metrics profile: they parse, fit together, and lead to a runbook."""

import json
import re
from pathlib import Path

import pytest

from tests.support.metrics import ALERTS, DASHBOARD, METRICS, alerts, dashboard_queries, metrics_of, read_rules

ROOT = Path(__file__).resolve().parents[3]


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_alert_says_what_is_wrong_how_bad_it_is_and_where_its_runbook_is() -> None:
    found = alerts()
    assert len({alert["alert"] for alert in found}) == len(found) >= 10
    for alert in found:
        assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}, alert
        assert alert["labels"]["severity"] in {"warning", "critical"}
        assert alert["annotations"]["summary"]
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        if "$labels.category" in anchor:
            continue  # tests/unit/boardsync/reference/test_runbooks.py: every category has its heading
        assert anchor in anchors(page), alert["annotations"]["runbook"]


def test_every_runbook_of_an_alert_has_its_alert() -> None:
    used = {alert["annotations"]["runbook"].partition("#")[2] for alert in alerts()}
    title, *headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/alerts.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert title == "Alerts"
    assert {heading.lower() for heading in headings} <= used


def test_every_query_is_balanced_and_asks_for_some_metric() -> None:
    queries = [alert["expr"] for alert in alerts()] + dashboard_queries()
    assert len(queries) >= 25
    for query in queries:
        for opening, closing in ("()", "[]", "{}"):
            assert query.count(opening) == query.count(closing), query
        assert metrics_of(query), query


def test_the_names_in_a_query_are_found_and_nothing_else() -> None:
    query = 'histogram_quantile(0.95, sum by (le, board) (rate(a_bucket{x="b_c", y=~"d"}[$__rate_interval]))) / e_total'
    assert metrics_of(query) == {"a_bucket", "e_total"}
    assert metrics_of("max(a) > 26 * 3600 or vector(0) unless on (f) absent(c offset 5m)") == {"a", "c"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    rules:", "   rules:"),
        ("        expr: ", "        expr : "),
        ("          severity: warning", "          severity: {{ warning }}"),
        ("groups:", "group:"),
        ("        for: 15m", "        forever: 15m"),
    ],
)
def test_the_reader_of_rules_takes_no_other_yaml(old: str, new: str) -> None:
    text = ALERTS.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"cannot read|expected|needs quotes"):
        read_rules(text.replace(old, new, 1))


def test_the_dashboard_is_provisioned_with_its_data_source() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    source = (METRICS / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    uid = re.search(r"uid: (\w+)", source)
    assert uid
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["title"]
        assert panel["description"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {uid[1]}


def test_no_panel_lies_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
