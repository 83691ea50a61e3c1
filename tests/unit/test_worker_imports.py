"""`worker.py` is a module, which import-linter cannot take in: its arrows are guarded here."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BELOW = {"activities", "clients", "config", "models", "runtime", "store", "workflows"}
ABOVE = ("activities", "clients", "config", "models", "runtime", "sandbox", "store", "webhook_gateway", "workflows")


def imported(path: Path) -> set[str]:
    """Return the top-level names that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.partition(".")[0])
    return found


def test_the_worker_imports_only_what_lies_below_it() -> None:
    ours = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert imported(ROOT / "worker.py") & ours <= BELOW
    assert imported(ROOT / "worker.py") - ours - set(sys.stdlib_module_names) == {"temporalio", "typer"}


def test_nothing_below_the_worker_imports_it() -> None:
    modules = [path for folder in ABOVE for path in (ROOT / folder).rglob("*.py")]
    assert len(modules) > 100
    assert [str(path) for path in modules if "worker" in imported(path)] == []
