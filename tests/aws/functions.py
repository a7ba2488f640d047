"""Lambda functions on moto, with the roles, aliases and streams that they need; and what moto can't be told of them."""

import json
from collections.abc import Mapping
from typing import Any

from tests.aws.account import ACCOUNT, REGION, TABLE, Account

Json = dict[str, Any]

SECRETS = {
    "STRIPE_KEY": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "DATABASE_URL": "postgres://admin:hunter2-hunter2@db.example.com/orders",
    "JWT_SIGNING": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
"""What environments hold besides, and nobody else may ever see."""


def arn_of(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def role(account: Account, name: str, *actions: str, resource: str = "*", service: str = "lambda.amazonaws.com") -> str:
    """A role that the service may assume, and that may do these actions; its ARN."""
    iam = account.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    answer = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    if actions:
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
        iam.put_role_policy(RoleName=name, PolicyName="runtime", PolicyDocument=_document(allowed))
    arn: str = answer["Role"]["Arn"]
    return arn


def function(
    account: Account,
    name: str,
    *,
    environment: Mapping[str, str] | None = None,
    role: str | None = None,
    tags: Mapping[str, str] | None = None,
    **other: Any,
) -> str:
    """A function, with a role of its own where none is named; its ARN. Without `environment` it has no variables."""
    variables = {} if environment is None else {"Environment": {"Variables": dict(environment)}}
    account.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": b"code"},
        Role=role or globals()["role"](account, name),
        Tags=dict(tags or {}),
        **variables,
        **other,
    )
    return arn_of(name)


def published(account: Account, name: str, environment: Mapping[str, str]) -> str:
    """A version of the function with that environment; its number. `$LATEST` keeps the environment."""
    client = account.client("lambda")
    client.update_function_configuration(FunctionName=name, Environment={"Variables": dict(environment)})
    version: str = client.publish_version(FunctionName=name)["Version"]
    return version


def alias(account: Account, function: str, name: str, version: str, **weights: float) -> None:
    """Route an alias to a version, and parts of its calls to others: `v7=0.1`."""
    account.client("lambda").create_alias(
        FunctionName=function,
        Name=name,
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": {key.removeprefix("v"): part for key, part in weights.items()}},
    )


def stream(account: Account, table: str = TABLE) -> str:
    """Switch on the table's stream; its ARN."""
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    answer = account.client("dynamodb").update_table(TableName=table, StreamSpecification=specification)
    arn: str = answer["TableDescription"]["LatestStreamArn"]
    return arn


def configure(account: Account, name: str, **members: Any) -> None:
    """Let Lambda say this of a function, wherever it speaks of it; moto can't be told.

    https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
    """

    def one(answer: Json) -> None:
        if answer["FunctionName"] == name:
            answer.update(members)

    def all_of_them(answer: Json) -> None:
        for each in answer["Functions"]:
            one(each)

    account.alter("lambda", "GetFunctionConfiguration", one)
    account.alter("lambda", "ListFunctions", all_of_them)


def lock(account: Account, name: str, code: str = "AccessDeniedException") -> None:
    """Keep the environment of a function from us, as a KMS key does that we may not use; moto can't.

    https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html: Error, and then no Variables.
    """
    message = f"Lambda was unable to decrypt your environment variables because the KMS access was denied: {name}"
    configure(account, name, Environment={"Error": {"ErrorCode": code, "Message": message}})


def _document(statement: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
