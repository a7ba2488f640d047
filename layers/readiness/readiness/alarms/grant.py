"""Whether the policy of a topic or a key lets a service of AWS, such as CloudWatch, do something on behalf of an alarm.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

from collections.abc import Iterator

from readiness.iam.service_access import CLOUDWATCH as SERVICE
from readiness.iam.service_access import Call, Grant, admits, grants_to
from readiness.iam.statement import statements_in

__all__ = ["SERVICE", "Grant", "admits", "grants"]


def grants(policy: str, action: str, resource: str, account: str, service: str = SERVICE) -> Iterator[Grant]:
    """What a policy says of an action of the service on the resource, for alarms of that account.

    Nothing, where there is no policy. Malformed: it is none.
    """
    yield from grants_to(Call(service, action, resource, account), statements_in(policy) if policy else ())
