"""How tests run workflows: those marked `sandboxed` in the SDK's sandbox, which refuses what is not deterministic."""

import pytest
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker import UNSANDBOXED

PURE = ("activities", "clients", "config", "models")
"""Not imported anew for each run, which is most of what the sandbox costs; the workflows' own modules are. So what an
activity returns is of the same class as what the workflow knows."""

SANDBOXED = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))


def runner_of(request: pytest.FixtureRequest) -> WorkflowRunner:
    """Return how a test wants its workflows run."""
    return SANDBOXED if request.node.get_closest_marker("sandboxed") else UNSANDBOXED
