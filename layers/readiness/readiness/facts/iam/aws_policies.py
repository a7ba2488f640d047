"""AWS managed policies that the account uses: their default versions, and the documents of these.

AWS publishes a new default version a few times a year. A version never changes.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
"""

import json
from collections.abc import Mapping
from datetime import timedelta

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import Keeps, fact
from readiness.facts.iam.authorization_details import AuthorizationDetails, document_of, is_by_aws, name_of
from readiness.iam.statement import Malformed, statements
from readiness.model import Fact, Reason, Unavailable, Unreadable

GET_POLICY, GET_VERSION = "iam:GetPolicy", "iam:GetPolicyVersion"
BY_AWS = ("arn:*:iam::aws:policy/*",)

ELEMENTS = ("Version", "Statement")
"""The elements of a document that decide what it allows."""


class AwsPolicy(Fact):
    """An AWS managed policy of a role, a user, or a group with users, or a permissions boundary. Its key is its ARN."""

    stored_as = "AwsPolicy"

    arn: str


@fact()
def aws_policies(details: AuthorizationDetails) -> Each[AwsPolicy]:
    """Return each once, whatever the number of principals. All of them count: a name does not tell what it allows."""
    arns = {arn for arn in details.contents.attached() if is_by_aws(arn)}
    return Each({arn: AwsPolicy(arn) for arn in arns})


class AwsPolicyVersion(Fact):
    """The default version of the policy, such as `v3`: only this version has an effect."""

    stored_as = "AwsPolicyVersion"

    arn: str
    id: str


@fact(GET_POLICY, resources={GET_POLICY: BY_AWS}, keeps=timedelta(days=1))
def aws_policy_version(aws: Aws, policy: AwsPolicy) -> AwsPolicyVersion:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html."""
    found = Answer(aws.client("iam").get_policy(PolicyArn=policy.arn), GET_POLICY).part("Policy")
    return AwsPolicyVersion(policy.arn, found.need("DefaultVersionId", str))


class AwsPolicyDocument(Fact):
    """The document of the default version, as JSON."""

    stored_as = "AwsPolicyDocument"

    text: str

    @property
    def document(self) -> object:
        """Return the document as botocore decodes it."""
        return json.loads(self.text)


@fact(GET_VERSION, resources={GET_VERSION: BY_AWS}, keeps=Keeps(timedelta(days=365), revision="version.id"))
def aws_policy_document(aws: Aws, version: AwsPolicyVersion) -> AwsPolicyDocument:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html.

    It is read again after a year, so that policies that are not used any more are not kept for ever.
    """
    answer = aws.client("iam").get_policy_version(PolicyArn=version.arn, VersionId=version.id)
    document = document_of(Answer(answer, GET_VERSION).part("PolicyVersion"), "Document")
    try:
        statements(document, name_of(version.arn))
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, GET_VERSION, str(why))) from None
    return AwsPolicyDocument(text_of(document))


def text_of(document: object) -> str:
    """Return the elements of the document that decide what it allows, as JSON."""
    elements = {name: document[name] for name in ELEMENTS if name in document} if isinstance(document, Mapping) else {}
    return json.dumps(elements, separators=(",", ":"))
