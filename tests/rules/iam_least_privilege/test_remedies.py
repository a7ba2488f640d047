import json
import shlex
import subprocess
from typing import Any

import pytest

from readiness.checklist import FunctionSettings
from readiness.iam.catalogue import actions as catalogue
from readiness.iam.evaluate import Access, access
from readiness.iam.match import matches
from readiness.iam.statement import statements
from readiness.model import Gone, Status, Verdict
from readiness.rules.iam_least_privilege import (
    actions,
    administration,
    escalation,
    exists,
    log_groups,
    logging,
    managed_policies,
    rule,
    scope,
)
from readiness.rules.iam_least_privilege.remedies import NOT_ELSEWHERE
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.facts import checklist
from tests.rules.iam_least_privilege.policies import ADMINISTRATOR, ANYWHERE, JUDGES, logged
from tests.rules.remedied import remedied
from tests.rules.roles import (
    GOOD,
    ITEMS,
    ROLE,
    THE_TABLE,
    Document,
    allow,
    by_table,
    document,
    extra,
    principal,
    review,
    role,
)

BAD = extra(
    allow("*", "*"),
    allow("dynamodb:TransactWriteItems", ARN),
    managed=("AdministratorAccess",),
    trust=document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
)


@pytest.mark.parametrize("judge", [*JUDGES, logging], ids=lambda judge: judge.__name__)
def test_the_remedy_is_a_command_whose_json_is_a_policy(judge: Any) -> None:
    found = review(principal({"cart": document(ITEMS)})) if judge is logging else BAD
    verdict = logged(judge, found)
    assert verdict.status in {Status.FAIL, Status.WARN}
    check = next(check for check in rule.checks if check.function is judge)
    for word in shlex.split(remedied(check, verdict)):
        if word.startswith('{"'):
            assert list(statements(json.loads(word)))
            assert "<" not in word


def test_the_remedies_work_in_a_shell_as_they_are_told() -> None:
    """Even with a log group whose name would begin a comment."""
    log_groups = ("/shop/#cart", "/shop/cart")
    lacking = logging(role(log_groups=log_groups), review(principal({"cart": document(ITEMS)})), THE_TABLE)
    gone = exists(role(arn=f"arn:aws:iam::{ACCOUNT}:role/it's/{{1}}/cart"), Gone("the role cart does not exist"))
    streams = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    written = pasted(logging, lacking)[0]
    assert written[:6] == ["iam", "put-role-policy", "--role-name", "cart", "--policy-name", "its-own-logs"]
    assert json.loads(written[-1])["Statement"][0]["Resource"] == [f"{streams}{group}:*" for group in log_groups]
    assert pasted(exists, gone)[0][:6] == ["iam", "create-role", "--path", "/it's/{1}/", "--role-name", "cart"]


def test_who_loses_an_administrator_policy_still_logs_and_does_what_it_needs() -> None:
    wanted = checklist(functions=FunctionSettings(actions={"*": ("dynamodb:GetItem", "dynamodb:Query")}))
    who = principal({**GOOD, **ADMINISTRATOR}, managed=("AdministratorAccess",))
    put, attach, detach = pasted(managed_policies, managed_policies(role(), review(who, wanted)))
    assert json.loads(put[-1])["Statement"][0]["Action"] == ["dynamodb:GetItem", "dynamodb:Query"], "and no more"
    assert attach[-1] == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert detach[-1] == "arn:aws:iam::aws:policy/AdministratorAccess"


OTHERS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/*"


@pytest.mark.parametrize(
    ("judge", "written"),
    [
        pytest.param(scope, [allow("dynamodb:*", "*")], id="everything, everywhere"),
        pytest.param(scope, [allow("dynamodb:GetItem", ANYWHERE)], id="a table of that name in any Region"),
        pytest.param(scope, [allow("dynamodb:*", None, NotResource="arn:aws:s3:::*")], id="all but a bucket"),
        pytest.param(administration, [allow("dynamodb:*", ARN)], id="to administer the table"),
        pytest.param(administration, [allow(None, ARN, NotAction="s3:*")], id="all but a bucket's actions"),
        pytest.param(actions, [allow("dynamodb:Scan", f"{ARN}*")], id="to scan"),
        pytest.param(actions, [allow("dynamodb:*", "*")], id="what is not listed"),
        pytest.param(escalation, [allow("iam:*", "*")], id="to change rights"),
        pytest.param(escalation, [allow("*", "*")], id="everything there is"),
        pytest.param(
            escalation,
            [allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x"), allow("lambda:CreateFunction", "*")],
            id="to pass a role",
        ),
        pytest.param(log_groups, [allow("logs:*", OTHERS)], id="the logs of others"),
    ],
)
def test_the_remedy_takes_away_what_the_role_may_too_much(judge: Any, written: list[Document]) -> None:
    before = {**GOOD, "extra": document(*written)}
    verdict = logged(judge, review(principal(before)))
    assert verdict.status in {Status.FAIL, Status.WARN}
    [put] = pasted(judge, verdict)
    assert put[:4] == ["iam", "put-role-policy", "--role-name", "cart"]
    mended = review(principal({**before, put[5]: json.loads(put[-1])}))
    assert logged(judge, mended).status is Status.PASS
    good = {logged(each, review(principal())).status for each in (*JUDGES, logging)}
    kept = review(principal({**GOOD, put[5]: json.loads(put[-1])}))
    assert {logged(each, kept).status for each in (*JUDGES, logging)} == good == {Status.PASS}, "and nothing it needs"


def test_the_remedy_takes_away_what_the_tables_own_policy_gives() -> None:
    given = by_table(allow("dynamodb:*", ARN, Principal={"AWS": ROLE}))
    verdict = administration(role(), review(principal(), policy=given))
    put = pasted(administration, verdict)[0]
    mended = review(principal({**GOOD, put[5]: json.loads(put[-1])}), policy=given)
    assert (administration(role(), mended).status, actions(role(), mended).status) == (Status.PASS, Status.PASS)


@pytest.mark.parametrize("judge", [scope, administration, actions])
def test_a_stream_can_still_be_read_after_the_remedy(judge: Any) -> None:
    stream = [f"dynamodb:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream")]
    reads = {"reads": document(allow(stream, f"{ARN}/stream/*"), allow("dynamodb:ListStreams", "*"))}
    verdict = logged(judge, review(principal({**reads, "extra": document(allow("dynamodb:*", "*"))})))
    put = pasted(judge, verdict)[0]
    identity = principal({**reads, "deny": json.loads(put[-1])}).identity
    assert {access(identity, action, f"{ARN}/stream/2026") for action in stream} == {Access.DIRECT}
    assert access(identity, "dynamodb:ListStreams", "*") is Access.DIRECT


def test_the_remedy_of_scope_names_all_that_can_be_about_a_table() -> None:
    left = {action.name for action in catalogue("dynamodb").values() if action.scopable}
    denied = [pattern.lower() for pattern in NOT_ELSEWHERE["Action"]]
    assert {name for name in left if not any(matches(pattern, name.lower()) for pattern in denied)} == set()


def pasted(judge: Any, verdict: Verdict) -> list[list[str]]:
    """The arguments with which a shell calls `aws`."""
    command = remedied(next(check for check in rule.checks if check.function is judge), verdict)
    told = subprocess.run(
        ["/bin/sh", "-c", f"aws() {{ printf '%s\\n' \"$@\" ''; }}\n{command}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stderr == ""
    return [call.split("\n") for call in told.stdout.removesuffix("\n\n").split("\n\n")]
