"""How tests run workflows: in the SDK's sandbox, which refuses what is not deterministic."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PURE = ("activities", "clients", "config", "models")
"""Not imported anew for each run, which is most of what the sandbox costs; the workflows' own modules are. So what an
activity returns is of the same class as what the workflow knows."""

SANDBOXED = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))
