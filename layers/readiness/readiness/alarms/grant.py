"""The actions that the policy of a topic or a key allows an AWS service, such as CloudWatch, on behalf of an alarm.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

from collections.abc import Iterator

from readiness.iam.service_access import CLOUDWATCH as SERVICE
from readiness.iam.service_access import Grant, ServiceCall, admits, grants_to
from readiness.iam.statement import statements_in

__all__ = ["SERVICE", "Grant", "admits", "grants"]


def grants(policy: str, action: str, resource: str, account: str, service: str = SERVICE) -> Iterator[Grant]:
    """Yield the statements of a policy about an action of the service on the resource, for alarms of the account.

    Nothing for an empty policy. Raises Malformed for a text that is no policy.
    """
    yield from grants_to(ServiceCall(service, action, resource, account), statements_in(policy) if policy else ())
