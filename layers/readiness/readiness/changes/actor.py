"""The author of an API call, the source address and the program, as text. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from readiness.aws.arn import account_of
from readiness.engine.fact import VERSION
from readiness.printable import line, printable

PERMISSION_SET = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}$")
"""The name of the role that IAM Identity Center creates in an account for a permission set."""

SERVICES = {
    "application-autoscaling": "Application Auto Scaling",
    "backup": "AWS Backup",
    "cloudformation": "CloudFormation",
    "config": "AWS Config",
    "dynamodb.application-autoscaling": "Application Auto Scaling",
    "servicecatalog": "Service Catalog",
    "ssm": "Systems Manager",
}
"""Services that change resources of other services, by the name before `.amazonaws.com`."""

STACK = "aws:cloudformation:stack-name"
"""The tag that CloudFormation adds to the resources that it creates."""

TOOLS = (
    (r"[Tt]erraform/([\w.]+)", "Terraform"),
    (r"[Pp]ulumi/([\w.]+)", "Pulumi"),
    (r"\bcdk/([\w.]+)", "CDK"),
    (r"CloudShell", "CloudShell"),
    (r"aws-cli/([\w.]+)", "AWS CLI"),
    (r"[Bb]oto3/([\w.]+)", "boto3"),
    (r"aws-sdk-([a-z]+)[\w-]*/v?([\w.]+)", "AWS SDK for"),
    (r"[Bb]otocore/([\w.]+)", "botocore"),
)
"""Programs in a user agent, the most specific first: Terraform's user agent also names an SDK."""

LONGEST = 1024
"""The number of characters of a text that are read. Names, ARNs and user agents of AWS are shorter."""

CONSOLE = re.compile(r"^Mozilla/|console\.amazonaws\.com|^\[?S3Console|^signin\.")
DOMAIN = ".amazonaws.com"


class Actor(Struct, frozen=True):
    """The author, source (an address or a service) and program of a `call` at a time, ISO-8601 in UTC."""

    who: str
    where: str = ""
    tool: str = ""
    call: str = ""
    at: str = ""
    event: str = ""


def acted(record: Mapping[str, Any]) -> Actor:
    """Return the actor of a CloudTrail record. Members that the record lacks are empty."""
    identity = _map(record, "userIdentity")
    where = _text(record, "sourceIPAddress")
    return Actor(
        who=who(identity, stack_of(record.get("requestParameters")), _text(record, "recipientAccountId")),
        where=printable(_service(where) if where.endswith(DOMAIN) else where),
        tool=printable(
            tool(_text(record, "userAgent"), console=record.get("sessionCredentialFromConsole") in ("true", True))
        ),
        call=printable(VERSION.sub("", _text(record, "eventName"))),
        at=_text(record, "eventTime"),
        event=_text(record, "eventID"),
    )


def who(identity: Mapping[str, Any], stack: str = "", account: str = "") -> str:
    """Return the person or program that made the call; a service on behalf of a principal comes first.

    A principal of another account than `account` is returned with its account.
    """
    by = _text(identity, "invokedBy")
    person = _person(identity) + _of_another(identity, account)
    if not by or by == "AWS Internal":
        return person
    service = _service(by) + (f" (stack {stack})" if stack else "")
    return service if identity.get("type") == "AWSService" or not person else f"{service} for {person}"


def tool(agent: str, *, console: bool = False) -> str:
    """Return the program that a user agent names; empty if the agent is an AWS service, which `who` names."""
    for pattern, name in TOOLS:
        if found := re.search(pattern, agent):
            return " ".join([name, *found.groups()])
    if console or CONSOLE.search(agent):
        return "the console"
    return "" if agent.endswith(DOMAIN) or agent == "AWS Internal" else agent


def stack_of(parameters: object) -> str:
    """Return the stack in the tags of the request, a map or a list of keys and values; empty if there is none."""
    tags = parameters.get("tags", parameters.get("tagList")) if isinstance(parameters, Mapping) else None
    if isinstance(tags, Mapping):
        return _name(tags, STACK)
    pairs = [each for each in tags if isinstance(each, Mapping)] if isinstance(tags, list) else []
    named = (
        _name(each, "value") or _name(each, "Value") for each in pairs if STACK in (each.get("key"), each.get("Key"))
    )
    return next(named, "")


def _person(identity: Mapping[str, Any]) -> str:  # noqa: PLR0911  one line per type of identity
    arn, name, account = (_name(identity, key) for key in ("arn", "userName", "accountId"))
    match _text(identity, "type"):
        case "Root":
            return f"root of account {account}"
        case "IAMUser":
            return f"IAM user {name or _last(_text(identity, 'arn'))}"
        case "AssumedRole" | "Role":
            return _session(identity)
        case "FederatedUser":
            return f"federated user {_last(_text(identity, 'arn'))}"
        case "SAMLUser" | "WebIdentityUser" as kind:
            return f"{name} of {_name(identity, 'identityProvider') or kind}"
        case "IdentityCenterUser":
            return f"IAM Identity Center user {_name(_map(identity, 'onBehalfOf'), 'userId')}"
        case "Directory":
            return f"directory user {name}"
        case "AWSAccount":
            return f"account {account}, {_last(_text(identity, 'arn')) or _name(identity, 'principalId')}"
        case "AWSService":
            return _service(_text(identity, "invokedBy"))
        case _:
            return name or arn or "somebody whom CloudTrail does not name"


def _of_another(identity: Mapping[str, Any], account: str) -> str:
    """Return the account of the principal, as a suffix, if it is another; empty for texts that have it already."""
    if not account or _text(identity, "type") in {"Root", "AWSAccount", "AWSService"}:
        return ""
    others = {_text(identity, "accountId"), account_of(_text(identity, "arn"))} - {"", account}
    return f" of account {printable(min(others))}" if others else ""


def _session(identity: Mapping[str, Any]) -> str:
    """Return the session and its role; the person of a source identity or of a permission set."""
    context = _map(identity, "sessionContext")
    arn = _text(identity, "arn")
    issuer = _map(context, "sessionIssuer")
    role = _text(issuer, "userName") or _last(_text(issuer, "arn")) or arn.partition("/")[2].partition("/")[0]
    session = _last(arn)
    if signed_in := PERMISSION_SET.match(role):
        return f"{session}, signed in with permission set {printable(signed_in['set'])}"
    source = _name(context, "sourceIdentity")
    person = f"{source}, session {session}" if source and source != session else session
    return f"{person} as role {printable(role)}"


def _service(domain: str) -> str:
    """Return the name of the service with that DNS name."""
    name = domain.removesuffix(DOMAIN)
    return SERVICES.get(name, printable(domain))


def _last(arn: str) -> str:
    return printable(arn.rpartition("/")[2])


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return bounded(value) if isinstance(value, str) else ""


def bounded(text: str) -> str:
    """Return the beginning of the text, on one line."""
    return line(text[:LONGEST])


def _name(record: Mapping[str, Any], key: str) -> str:
    return printable(_text(record, key))


def _map(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}
