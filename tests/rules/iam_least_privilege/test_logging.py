import json

import pytest

from readiness.model import Status, Unreadable
from readiness.rules.iam_least_privilege import log_groups, logging
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.iam_least_privilege.policies import CONDITION, DENIED, logged
from tests.rules.roles import (
    GOOD,
    GROUP,
    ITEMS,
    LOGS,
    THE_TABLE,
    Document,
    allow,
    deny,
    document,
    extra,
    principal,
    review,
    role,
)


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*", Status.PASS, id="the group's streams"),
        pytest.param(f"arn:aws:logs:*:*:log-group:{GROUP}:*", Status.PASS, id="in whatever Region"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/*", Status.PASS, id="all functions"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:*", Status.PASS, id="all of the account"),
        pytest.param("*", Status.PASS, id="everything"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}", Status.FAIL, id="the group without streams"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/checkout:*", Status.FAIL, id="another's"),
        pytest.param(f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{GROUP}:*", Status.FAIL, id="in another Region"),
    ],
)  # fmt: skip
def test_logging(resource: str, status: Status) -> None:
    found = review(principal({"cart": document(ITEMS, {**LOGS, "Resource": resource})}))
    assert logging(role(), found, THE_TABLE).status is status


@pytest.mark.parametrize(
    ("written", "boundary", "status"),
    [
        pytest.param([], None, Status.FAIL, id="nothing at all"),
        pytest.param([allow("logs:PutLogEvents", "*")], None, Status.FAIL, id="no stream to write to"),
        pytest.param([allow("logs:*", "*")], None, Status.PASS, id="logs:*"),
        pytest.param([LOGS, deny("logs:*", "*")], None, Status.FAIL, id="denied"),
        pytest.param([{**LOGS, "Condition": CONDITION}], None, Status.WARN, id="under a condition"),
        pytest.param([LOGS], document(ITEMS), Status.FAIL, id="kept back by the boundary"),
    ],
)
def test_a_function_that_may_not_log(written: list[Document], boundary: Document | None, status: Status) -> None:
    found = review(principal({"cart": document(ITEMS, *written)}, boundary=boundary))
    assert logging(role(), found, THE_TABLE).status is status


def test_one_log_group_of_two_that_can_not_be_written() -> None:
    both = role(log_groups=(GROUP, "/shop/cart"))
    verdict = logging(both, review(principal(), of=both), THE_TABLE)
    assert verdict.status is Status.FAIL
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    assert json.loads(verdict.evidence["LogStreams"]) == [f"{groups}{GROUP}:*", f"{groups}/shop/cart:*"]


def test_what_could_not_be_read_of_its_functions_is_not_said_to_have_no_logs() -> None:
    blind = role(log_groups=(), unread=DENIED)
    found = review(principal(), of=blind)
    with pytest.raises(Unreadable):
        logging(blind, found, THE_TABLE)
    with pytest.raises(Unreadable):
        log_groups(blind, found, THE_TABLE)


def test_one_log_group_that_could_not_be_read_hides_no_certain_verdict() -> None:
    partly, mute = role(unread=DENIED), document(ITEMS)
    own = document(ITEMS, {**LOGS, "Resource": f"arn:aws:logs:*:*:log-group:{GROUP}:*"})
    assert logging(partly, review(principal({"cart": mute}), of=partly), THE_TABLE).status is Status.FAIL
    with pytest.raises(Unreadable):
        logging(partly, review(principal({"cart": own}), of=partly), THE_TABLE)
    assert log_groups(partly, review(principal({"cart": own}), of=partly), THE_TABLE).status is Status.PASS
    with pytest.raises(Unreadable):
        log_groups(partly, extra(allow("logs:*", "*")), THE_TABLE)


def test_nothing_is_said_of_logs_where_no_log_group_is_known() -> None:
    blind = role(log_groups=())
    found = review(principal(), of=blind)
    assert logging(blind, found, THE_TABLE).status is Status.NOT_APPLICABLE
    assert log_groups(blind, found, THE_TABLE).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("logs:*", "*"), Status.WARN, id="logs:* on everything"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}*"), Status.WARN, id="a prefix"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}:*"), Status.PASS, id="its own"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}"), Status.PASS, id="the group"),
        pytest.param(deny("logs:*", "*", Condition=CONDITION), Status.PASS, id="what is denied at times"),
        pytest.param(allow("logs:CreateLogGroup", "*"), Status.PASS, id="an empty group harms nobody"),
        pytest.param(allow("logs:FilterLogEvents", "*"), Status.PASS, id="to read is no write"),
        pytest.param(allow("*", ARN), Status.PASS, id="everything on the table is nothing on logs"),
    ],
)
def test_log_groups(written: Document, status: Status) -> None:
    assert logged(log_groups, extra(written)).status is status


def test_other_logs_that_a_boundary_keeps_back() -> None:
    own = document(allow("logs:*", f"arn:aws:logs:*:*:log-group:{GROUP}:*"))
    kept_back = logged(log_groups, extra(allow("logs:*", "*"), boundary=own))
    assert kept_back.message.endswith("but its permissions boundary does not allow it")
    let_through = logged(log_groups, extra(allow("logs:*", "*"), boundary=document(allow("logs:*", "*"))))
    assert "boundary" not in let_through.message


@pytest.mark.parametrize(
    ("action", "status"),
    [
        pytest.param("logs:*", Status.PASS, id="all of it"),
        pytest.param("logs:PutLogEvents", Status.WARN, id="one action of several"),
    ],
)
def test_other_logs_that_are_denied(action: str, status: Status) -> None:
    assert logged(log_groups, extra(allow("logs:*", "*"), deny(action, "*"))).status is status


def test_the_basic_policy_of_aws_names_no_log_group_and_is_accepted() -> None:
    name = "AWSLambdaBasicExecutionRole"
    policies = {**GOOD, name: document(allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"))}
    assert logged(log_groups, review(principal(policies, managed=(name,)))).status is Status.PASS
    assert logged(log_groups, review(principal(policies))).status is Status.WARN, "one of the account has that name"


def test_another_policy_of_aws_that_names_no_log_group_warns() -> None:
    name = "AmazonAPIGatewayPushToCloudWatchLogs"
    policies = {**GOOD, name: document(allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"))}
    assert logged(log_groups, review(principal(policies, managed=(name,)))).status is Status.WARN
