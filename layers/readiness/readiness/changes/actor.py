"""Who made a call, from where and with what, as one would say it. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

PERMISSION_SET = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}$")
"""Identity Center's name of the role that a permission set becomes in an account."""

SERVICES = {
    "application-autoscaling": "Application Auto Scaling",
    "backup": "AWS Backup",
    "cloudformation": "CloudFormation",
    "config": "AWS Config",
    "dynamodb.application-autoscaling": "Application Auto Scaling",
    "servicecatalog": "Service Catalog",
    "ssm": "Systems Manager",
}
"""Services that change what is not theirs, by the name before `.amazonaws.com`."""

STACK = "aws:cloudformation:stack-name"
"""The tag that CloudFormation puts on what it makes."""

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
"""What a user agent names, in the order in which one says more than the next: Terraform uses an SDK."""

VERSION = re.compile(r"\d{8}(v\d+)?$")
"""What the names of Lambda's events end in."""

CONSOLE = re.compile(r"^Mozilla/|console\.amazonaws\.com|^\[?S3Console|^signin\.")
DOMAIN = ".amazonaws.com"


class Actor(Struct, frozen=True):
    """Who changed something, from where (an address or a service) and with what (a program), as CloudTrail has it.

    `call` is the operation and `at` its time, ISO-8601 in UTC; `event` is the id of the event.
    """

    who: str
    where: str = ""
    tool: str = ""
    call: str = ""
    at: str = ""
    event: str = ""


def acted(record: Mapping[str, Any]) -> Actor:
    """The actor of a record of CloudTrail; whatever it leaves out is left out."""
    identity = _map(record, "userIdentity")
    where = _text(record, "sourceIPAddress")
    return Actor(
        who=who(identity, stack=stack_of(record.get("requestParameters"))),
        where=_service(where) if where.endswith(DOMAIN) else where,
        tool=tool(_text(record, "userAgent"), console=record.get("sessionCredentialFromConsole") in {"true", True}),
        call=VERSION.sub("", _text(record, "eventName")),
        at=_text(record, "eventTime"),
        event=_text(record, "eventID"),
    )


def who(identity: Mapping[str, Any], stack: str = "") -> str:
    """The person or program. A service that acts for somebody is named first, with the stack where one is known."""
    by = _text(identity, "invokedBy")
    person = _person(identity)
    if not by or by == "AWS Internal":
        return person
    service = _service(by) + (f" (stack {stack})" if stack else "")
    return service if identity.get("type") == "AWSService" or not person else f"{service} for {person}"


def tool(agent: str, *, console: bool = False) -> str:
    """The program that a user agent names; empty where a service acted, which is named otherwise."""
    for pattern, name in TOOLS:
        if found := re.search(pattern, agent):
            return " ".join([name, *found.groups()])
    if console or CONSOLE.search(agent):
        return "the console"
    return "" if agent.endswith(DOMAIN) or agent == "AWS Internal" else agent


def stack_of(parameters: object) -> str:
    """The stack that CloudFormation names in the tags of what it makes; empty where it names none.

    Tags are a map with some services and a list of keys and values, in either spelling, with the others.
    """
    tags = parameters.get("tags", parameters.get("tagList")) if isinstance(parameters, Mapping) else None
    if isinstance(tags, Mapping):
        return str(tags.get(STACK, ""))
    pairs = [each for each in tags if isinstance(each, Mapping)] if isinstance(tags, list) else []
    named = (each.get("value") or each.get("Value") for each in pairs if STACK in {each.get("key"), each.get("Key")})
    return str(next(named, ""))


def _person(identity: Mapping[str, Any]) -> str:  # noqa: PLR0911  one line per type of identity
    arn, name, account = (_text(identity, key) for key in ("arn", "userName", "accountId"))
    match _text(identity, "type"):
        case "Root":
            return f"root of account {account}"
        case "IAMUser":
            return f"IAM user {name or _last(arn)}"
        case "AssumedRole" | "Role":
            return _session(identity)
        case "FederatedUser":
            return f"federated user {_last(arn)}"
        case "SAMLUser" | "WebIdentityUser" as kind:
            return f"{name} of {_text(identity, 'identityProvider') or kind}"
        case "IdentityCenterUser":
            return f"IAM Identity Center user {_text(_map(identity, 'onBehalfOf'), 'userId')}"
        case "Directory":
            return f"directory user {name}"
        case "AWSAccount":
            return f"account {account}, {_last(arn) or _text(identity, 'principalId')}"
        case "AWSService":
            return _service(_text(identity, "invokedBy"))
        case _:
            return name or arn or "somebody whom CloudTrail does not name"


def _session(identity: Mapping[str, Any]) -> str:
    """The session and its role; of a permission set, the person who signed in. A source identity says who it is."""
    context = _map(identity, "sessionContext")
    arn = _text(identity, "arn")
    issuer = _map(context, "sessionIssuer")
    role = _text(issuer, "userName") or _last(_text(issuer, "arn")) or arn.partition("/")[2].partition("/")[0]
    session = _last(arn)
    if signed_in := PERMISSION_SET.match(role):
        return f"{session}, signed in with permission set {signed_in['set']}"
    source = _text(context, "sourceIdentity")
    person = f"{source}, session {session}" if source and source != session else session
    return f"{person} as role {role}"


def _service(domain: str) -> str:
    """The service of a DNS name."""
    name = domain.removesuffix(DOMAIN)
    return SERVICES.get(name, domain)


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _map(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}
