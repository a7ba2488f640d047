"""AWS managed policies in moto's account, which has none unless all 1,500 are loaded into each."""

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from tests.aws.account import ACCOUNT, REGION


def publish(*names: str, version: str = "", document: dict[str, Any] | None = None) -> list[str]:
    """Let the policies exist, and return their ARNs. `version` and `document` replace AWS's own."""
    backend = iam_backends[ACCOUNT]["aws"]
    arns = []
    for name in names:
        data = dict(_policies()[name])
        data |= {"DefaultVersionId": version} if version else {}
        data |= {"Document": document} if document else {}
        policy = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, data)
        backend.managed_policies[policy.arn] = policy
        arns.append(policy.arn)
    return arns


@cache
def _policies() -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return known
