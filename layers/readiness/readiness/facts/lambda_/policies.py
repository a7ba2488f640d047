"""Resource-based policies of functions, versions and aliases."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer
from readiness.aws.arn import LATEST
from readiness.aws.calling import shared
from readiness.facts.iam.policy_text import statements_of
from readiness.iam.statement import Statement

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PERMISSION = "lambda:GetPolicy"
INVOKE = "lambda:InvokeFunction"
SERVICE = "Service:"
BY_URL = ("lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl")
ACCOUNTS = "AWS accounts"
NO_FUNCTION = ("Function not found", "Cannot find alias")


def policy_of(client: "LambdaClient", function: str, qualifier: str = LATEST) -> str:
    """Return the policy; empty without one. A missing function has the same error code, with another message."""
    qualified = {} if qualifier == LATEST else {"Qualifier": qualifier}
    try:
        read = partial(client.get_policy, FunctionName=function, **qualified)
        answered = shared((PERMISSION, client.meta.region_name, function, qualifier), read)
    except client.exceptions.ResourceNotFoundException as error:
        if any(words in str(error) for words in NO_FUNCTION):
            raise
        return ""
    return Answer(answered, PERMISSION).need("Policy", str)


def admitted(policy: str) -> tuple[str, ...]:
    """Return the services that the policy allows to invoke; roles, users and accounts are all ACCOUNTS."""
    found = statements_of(policy, PERMISSION)
    return tuple(sorted({who for statement in found for who in _invoking(statement)}))


def _invoking(statement: Statement) -> Iterator[str]:
    """Yield the principals of a statement. Statements for function URLs are left out: AWS lists these URLs."""
    by_url = any(test.key in BY_URL for test in statement.tests)
    if statement.allow and statement.speaks_of(INVOKE) and not by_url:
        for principal in statement.principals:
            kind, service, name = principal.partition(SERVICE)
            yield name if service and not kind else ACCOUNTS
