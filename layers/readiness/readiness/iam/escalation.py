"""Privilege escalation: actions by which a role can gain more permissions than its policies grant.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from readiness.iam.condition import RequestContext, hold
from readiness.iam.evaluate import Identity
from readiness.iam.holders import CHANGES, IN_IAM, PASSED_TO, PASSING
from readiness.iam.match import WILD
from readiness.iam.reach import includes, lets_through, reaches, reaching, withheld
from readiness.iam.statement import Statement
from readiness.iam.violation import Baseline, Violation, ViolationKind, violation_of

ANYWHERE = (
    *IN_IAM,
    "iam:UpdateSAMLProvider",
    *CHANGES,
    "sso:AttachManagedPolicyToPermissionSet",
    "sso:CreateAccountAssignment",
    "sso:PutInlinePolicyToPermissionSet",
)
"""They change policies, remove a Deny, create credentials, or change code that runs as a role.

UpdateFunctionConfiguration sets layers and variables, which can carry code.
"""

ON_EVERY: Mapping[str, str] = {
    PASSING: "iam::{account}:role/*",
    "sts:AssumeRole": "iam::{account}:role/*",
    "cloudformation:ExecuteChangeSet": "cloudformation:{region}:{account}:stack/*",
    "cloudformation:UpdateStack": "cloudformation:{region}:{account}:stack/*",
    "codebuild:StartBuild": "codebuild:{region}:{account}:project/*",
    "codebuild:StartBuildBatch": "codebuild:{region}:{account}:project/*",
    "ecs:ExecuteCommand": "ecs:{region}:{account}:task/*",
    "glue:UpdateDevEndpoint": "glue:{region}:{account}:devEndpoint/*",
    "sagemaker:CreatePresignedNotebookInstanceUrl": "sagemaker:{region}:{account}:notebook-instance/*",
    "ssm:SendCommand": "ec2:{region}:{account}:instance/*",
    "ssm:StartSession": "ec2:{region}:{account}:instance/*",
}
"""They act as the role of an existing resource. Harmful only on all resources: many functions need a named one.

A build runs with the role of its project, a command with the role of its instance, a stack with its service role.
"""

RUNNING = (
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:CreateStackSet",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateStackSet",
    "codebuild:CreateProject",
    "codebuild:UpdateProject",
    "ec2:AssociateIamInstanceProfile",
    "ec2:ReplaceIamInstanceProfileAssociation",
    "ec2:RequestSpotInstances",
    "ec2:RunInstances",
    "glue:CreateDevEndpoint",
    "glue:CreateJob",
    "glue:CreateSession",
    "glue:UpdateJob",
    "lambda:CreateFunction",
    "ssm:StartAutomationExecution",
)
"""With PassRole they run the caller's code as the passed role, even if that is a single role."""

ALSO_RUNNING = (
    "apprunner:CreateService",
    "appsync:CreateDataSource",
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateLaunchConfiguration",
    "batch:RegisterJobDefinition",
    "bedrock-agentcore:CreateCodeInterpreter",
    "codedeploy:CreateDeploymentGroup",
    "codepipeline:CreatePipeline",
    "codepipeline:UpdatePipeline",
    "cognito-identity:SetIdentityPoolRoles",
    "datapipeline:CreatePipeline",
    "datapipeline:PutPipelineDefinition",
    "ecs:CreateService",
    "ecs:RegisterTaskDefinition",
    "ecs:RunTask",
    "ecs:StartTask",
    "elasticmapreduce:RunJobFlow",
    "emr-serverless:StartJobRun",
    "events:PutTargets",
    "iot:CreateTopicRule",
    "pipes:CreatePipe",
    "pipes:UpdatePipe",
    "rolesanywhere:CreateProfile",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
    "scheduler:CreateSchedule",
    "scheduler:UpdateSchedule",
    "states:CreateStateMachine",
    "states:UpdateStateMachine",
)
"""The same, but applications do it by design with a role of their own: then it is a warning."""


TO_ITSELF = frozenset(
    {"cloudformation", "codebuild", "codepipeline", "ec2", "events", "glue", "lambda", "pipes", "sagemaker"}
    | {"scheduler", "states"}
)
"""Services whose service principal has the prefix of their actions."""


def escalations(identity: Identity, baseline: Baseline) -> Iterator[Violation]:
    """Yield a violation for each statement that allows such actions."""
    for statement in identity.statements:
        if statement.allow:
            found = {name: _alone(identity, baseline, statement, name) for name in (*ANYWHERE, *ON_EVERY)}
            left = {name: through for name, through in found.items() if through is not None}
            names = [name for name, through in left.items() if through] or list(left)
            if names:
                bounded = not any(left.values())
                yield violation_of(statement, ViolationKind.ESCALATES, tuple(names), bounded=bounded)
            if PASSING not in left:
                yield from _passing(identity, baseline, statement)


def _alone(identity: Identity, baseline: Baseline, statement: Statement, name: str) -> bool | None:
    """Return True where the statement allows the action with harm; False where the boundary does not, else None."""
    every = ON_EVERY.get(name)
    if every is None:
        return _through(identity, name, [statement], Reach(baseline.partition, name.partition(":")[0]))
    whole = f"arn:{baseline.partition}:{every.format(region=baseline.region, account=baseline.account)}"
    return _through(identity, name, [statement], Reach(baseline.partition, every.partition(":")[0], whole=whole))


class Reach(Struct, frozen=True):
    """The resources on which an action does harm: all of a service but one, or only the `whole` of a pattern."""

    partition: str
    service: str
    but: str = ""
    whole: str = ""

    def harms(self, pattern: str) -> bool:
        """Return True where the pattern reaches such a resource."""
        if self.whole:
            return includes(pattern, self.whole)
        return pattern != self.but and reaches(pattern, self.partition, self.service)

    def of(self, identity: Identity, name: str, statement: Statement) -> list[str]:
        """Return the patterns on which a statement allows the action with harm, and no Deny applies."""
        if not (statement.allow and statement.speaks_of(name)):
            return []
        patterns = filter(self.harms, reaching(statement, self.partition, self.service))
        return [at for at in patterns if not withheld(identity.statements, name, at, self.harms)]

    def within(self, identity: Identity, name: str, patterns: Collection[str]) -> list[str]:
        """Return the patterns that the permissions boundary allows in part."""
        boundary = identity.boundary
        return [at for at in patterns if boundary is None or lets_through(boundary, name, at, self.harms)]


def _through(identity: Identity, name: str, statements: Iterable[Statement], reach: Reach) -> bool | None:
    left = [pattern for statement in statements for pattern in reach.of(identity, name, statement)]
    return bool(reach.within(identity, name, left)) if left else None


def _passing(identity: Identity, baseline: Baseline, statement: Statement) -> Iterator[Violation]:
    """Yield a violation for PassRole on other roles, together with an action that runs code as a passed role."""
    roles = Reach(baseline.partition, "iam", but=identity.arn)
    left = roles.of(identity, PASSING, statement)
    running = _running(identity, baseline) if left else {}
    services = {name: may for name, may in running.items() if _may_take(name, statement)}
    if services:
        through = roles.within(identity, PASSING, left)
        free = [name for name, may in services.items() if may]
        bounded = not (through and free)
        names, passed = (list(services), left) if bounded else (free, through)
        by_design = not (any(map(WILD.search, passed)) or {*RUNNING}.intersection(names))
        yield violation_of(statement, ViolationKind.ESCALATES, (PASSING, *names), bounded=bounded, unsure=by_design)


def _may_take(name: str, statement: Statement) -> bool:
    """Return True where the conditions may allow to pass a role to the service of an action."""
    service = name.partition(":")[0]
    seen = (f"{service}.amazonaws.com",) if service in TO_ITSELF else None
    return hold(statement.tests, RequestContext({PASSED_TO: seen})) is not False


def _running(identity: Identity, baseline: Baseline) -> dict[str, bool]:
    """Return the allowed actions that run code as a role; True where the boundary allows them."""
    found = {
        name: _through(identity, name, identity.statements, Reach(baseline.partition, name.partition(":")[0]))
        for name in (*RUNNING, *ALSO_RUNNING)
    }
    return {name: through for name, through in found.items() if through is not None}
