"""The policy of its own that a function has, and each of its versions and aliases."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer
from readiness.aws.arn import LATEST
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PERMISSION = "lambda:GetPolicy"
INVOKE = "lambda:InvokeFunction"
SERVICE = "Service:"
BY_URL = ("lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl")
ACCOUNTS = "AWS accounts"
NO_FUNCTION = ("Function not found", "Cannot find alias")


def policy_of(client: "LambdaClient", function: str, qualifier: str = LATEST) -> str:
    """The policy as AWS hands it over, empty where there is none.

    AWS has one code for that and for a missing function: only the words differ.
    """
    try:
        if qualifier == LATEST:
            answered = client.get_policy(FunctionName=function)
        else:
            answered = client.get_policy(FunctionName=function, Qualifier=qualifier)
    except client.exceptions.ResourceNotFoundException as error:
        if any(words in str(error) for words in NO_FUNCTION):
            raise
        return ""
    return Answer(answered, PERMISSION).need("Policy", str)


def admitted(policy: str) -> tuple[str, ...]:
    """Which services it lets invoke, such as `events.amazonaws.com`; roles, users and accounts are all ACCOUNTS."""
    if not policy:
        return ()
    try:
        return tuple(sorted({who for statement in statements_in(policy) for who in _invoking(statement)}))
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, PERMISSION, str(why))) from None


def _invoking(statement: Statement) -> Iterator[str]:
    """What a statement says of function URLs is left out: which there are, AWS lists."""
    if statement.allow and statement.speaks_of(INVOKE) and not _by_url(statement):
        for principal in statement.principals:
            kind, service, name = principal.partition(SERVICE)
            yield name if service and not kind else ACCOUNTS


def _by_url(statement: Statement) -> bool:
    return any(condition.partition(" ")[2] in BY_URL for condition in statement.conditions)
