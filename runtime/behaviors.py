"""Which build goes on with a workflow: as its class says, where builds are kept apart; else nobody is told."""

from dataclasses import replace

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner


class WithoutBehavior(UnsandboxedWorkflowRunner):
    """Run workflows as if their classes said nothing: Temporal refuses such a step of a worker without versioning."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make an instance that names no behavior."""
        return super().create_instance(replace(det, defn=replace(det.defn, versioning_behavior=None)))


def without_behaviors(runner: WorkflowRunner) -> WorkflowRunner:
    """Return such a runner in the place of one of the SDK's, in its sandbox where that one has one."""
    if isinstance(runner, SandboxedWorkflowRunner):
        return replace(runner, runner_class=WithoutBehavior)
    return WithoutBehavior()
