"""The rule of dead letters over an account on moto: what is read, what it leads to, what stays unknown."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness.aws.client import Aws
from readiness.aws.command import calls
from readiness.checklist import FunctionSettings, Settings
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import evaluate
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.model import Finding, Status
from readiness.report.snapshot_file import load, save
from readiness.rules import dead_letters_kept
from tests.aws.account import TABLE, Account, good_table
from tests.aws.completed import complete
from tests.aws.dead_letters import by_qualifier, close
from tests.aws.functions import alias, arn_of, function, published, role
from tests.rules.dead_letters import DEAD, POLLED

complete()
by_qualifier()

RULE = dead_letters_kept.rule
SETTINGS = Settings(functions=FunctionSettings(name_patterns=("c*",)))
CHECKOUT = arn_of("checkout")
BEHIND = f"{POLLED}-dead-letters"


@pytest.fixture
def shop(account: Account) -> Account:
    """Two functions: `checkout`, whose alias EventBridge invokes, and `carts`, which polls a queue."""
    good_table(account)
    sqs, client = account.client("sqs"), account.client("lambda")
    kept = {"MessageRetentionPeriod": "1209600"}
    sqs.create_queue(QueueName="checkout-dead-letters", Attributes=kept)
    sqs.create_queue(QueueName="orders-dead-letters", Attributes=kept)
    redrive = json.dumps({"deadLetterTargetArn": BEHIND, "maxReceiveCount": 5})
    sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "180"})
    sender = role(account, "checkout", "sqs:SendMessage", resource=DEAD)
    named = {"COMMERCE_TABLE": TABLE}
    function(account, "checkout", environment=named, role=sender, DeadLetterConfig={"TargetArn": DEAD}, Timeout=30)
    alias(account, "checkout", "live", published(account, "checkout", named))
    client.add_permission(
        FunctionName="checkout",
        Qualifier="live",
        StatementId="orders",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    function(account, "carts", environment=named, Timeout=30)
    client.create_event_source_mapping(FunctionName="carts", EventSourceArn=POLLED)
    return account


def collected(account: Account) -> Snapshot:
    given: dict[type, dict[Place, Any]] = {
        Aws: {ROOT: account.aws},
        Settings: {ROOT: SETTINGS},
        Now: {ROOT: Now(datetime.now(UTC))},
    }
    return collect(RULE.checks, Past(given))


def findings(account: Account) -> dict[tuple[str, str], Finding]:
    return findings_of(collected(account))


def findings_of(snapshot: Snapshot) -> dict[tuple[str, str], Finding]:
    """By check, and by what they are about."""
    [judgement] = evaluate([RULE], snapshot, Table, _names, _no_defect)
    return {(finding.check, finding.resource): finding for asked in judgement.asked for finding in asked.findings}


def _names(table: Table) -> dict[str, object]:
    return {"table": table.name, "arn": table.arn, "account": table.account, "region": table.region}


def _no_defect(who: str, error: Exception) -> None:
    raise AssertionError(who) from error


def unknown(account: Account) -> set[tuple[str, str]]:
    found = findings(account)
    return {key for key, finding in found.items() if finding.status is Status.UNKNOWN}


def test_where_all_is_well(shop: Account) -> None:
    statuses = {finding.status for (check, _), finding in findings(shop).items() if check != "watched"}
    assert statuses == {Status.PASS, Status.NOT_APPLICABLE}


def test_nothing_is_asked_of_functions_that_need_no_dead_letters(shop: Account) -> None:
    function(shop, "coupons", environment={"COMMERCE_TABLE": TABLE})
    shop.calls.clear()
    assert not any("coupons" in resource for _, resource in findings(shop))
    assert shop.calls.count("lambda:ListFunctionEventInvokeConfigs") == 2


def test_each_alias_and_each_function_without_one_is_asked_about_once(shop: Account) -> None:
    shop.calls.clear()
    findings(shop)
    counted = Counter(shop.calls)
    assert counted["lambda:GetPolicy"] == 4, "of two functions, of an alias, and of the version behind it"
    assert counted["lambda:ListFunctionUrlConfigs"] == 2
    assert counted["cloudwatch:GetMetricData"] == 2, "of losses, which are kept for an hour, and of events, for a day"
    assert counted["sqs:GetQueueAttributes"] == 3


def test_a_destination_of_latest_does_not_help_the_alias_that_is_invoked(shop: Account) -> None:
    client = shop.client("lambda")
    client.update_function_configuration(FunctionName="checkout", DeadLetterConfig={"TargetArn": ""})
    version = client.publish_version(FunctionName="checkout")["Version"]
    client.update_alias(FunctionName="checkout", Name="live", FunctionVersion=version)
    client.put_function_event_invoke_config(
        FunctionName="checkout", Qualifier="$LATEST", DestinationConfig={"OnFailure": {"Destination": DEAD}}
    )
    found = findings(shop)
    assert found["asynchronous", f"{CHECKOUT}:live"].status is Status.FAIL
    assert found["asynchronous", f"{CHECKOUT}:$LATEST"].status is Status.PASS
    *_, last = calls(found["asynchronous", f"{CHECKOUT}:live"].remedy.steps)
    assert last.parameters["Qualifier"] == "live"


def bad(account: Account) -> dict[tuple[str, str], Finding]:
    """Whatever is neither good nor beside the point, but for alarms, of which there are none."""
    good = {Status.PASS, Status.NOT_APPLICABLE}
    return {
        key: finding for key, finding in findings(account).items() if finding.status not in good and key[0] != "watched"
    }


def delete(account: Account, queue: str) -> None:
    sqs = account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])


def test_a_dead_letter_queue_that_was_deleted_is_one_finding_with_the_command_that_makes_it_again(
    shop: Account,
) -> None:
    delete(shop, "checkout-dead-letters")
    [((check, resource), finding)] = bad(shop).items()
    assert (check, resource, finding.status) == ("exists", DEAD, Status.FAIL)
    assert finding.message == "SQS queue checkout-dead-letters does not exist: failed events are lost"
    assert finding.remediation == (
        "aws sqs create-queue --region us-east-1 --queue-name checkout-dead-letters"
        " --attributes MessageRetentionPeriod=1209600"
    )
    assert findings(shop)["watched", DEAD].status is Status.NOT_APPLICABLE


def test_a_queue_behind_another_that_was_deleted_is_one_finding(shop: Account) -> None:
    delete(shop, "orders-dead-letters")
    assert list(bad(shop)) == [("exists", BEHIND)]


def test_a_queue_that_is_polled_and_was_deleted_is_one_finding(shop: Account) -> None:
    delete(shop, "orders")
    [((check, _), finding)] = bad(shop).items()
    assert (check, finding.message) == ("queue-source", "SQS queue orders does not exist")


def test_a_queue_in_which_two_sources_end_is_read_once(shop: Account) -> None:
    redrive = json.dumps({"deadLetterTargetArn": BEHIND, "maxReceiveCount": 5})
    shop.client("sqs").create_queue(
        QueueName="returns", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "180"}
    )
    shop.client("lambda").create_event_source_mapping(FunctionName="carts", EventSourceArn=f"{POLLED[:-6]}returns")
    shop.calls.clear()
    assert not bad(shop)
    assert shop.calls.count("sqs:GetQueueAttributes") == 4


def test_a_dead_letter_queue_that_is_closed_to_us_is_unknown_alone(shop: Account) -> None:
    close(shop, "checkout-dead-letters")
    about_it = ("exists", "retained", "sending", "key", "encrypting")
    assert unknown(shop) == {(check, DEAD) for check in about_it}


def test_a_queue_behind_another_that_is_closed_to_us_is_unknown_alone(shop: Account) -> None:
    close(shop, "orders-dead-letters")
    assert {check for check, _ in unknown(shop)} == {"exists", "redrive"}


def test_a_queue_that_is_polled_and_closed_to_us_hides_nothing_else(shop: Account) -> None:
    close(shop, "orders")
    found = unknown(shop)
    assert {check for check, _ in found} == {"exists", "queue-source", "redrive", "retried", "watched"}


SAYING_OF_WHICH = {"standard", "destination", "exists", "retained", "subscribed", "sending", "key", "encrypting"}
"""A version that somebody may invoke by its number may send its failed events elsewhere."""


@pytest.mark.parametrize(
    ("service", "operation", "checks"),
    [
        ("cloudwatch", "GetMetricData", {"asynchronous", "delivered"}),
        ("cloudwatch", "DescribeAlarms", {"watched"}),
        ("iam", "GetAccountAuthorizationDetails", {"sending"}),
        ("lambda", "GetPolicy", {*SAYING_OF_WHICH, "watched", "asynchronous", "used", "tried"}),
        ("lambda", "ListFunctionUrlConfigs", {"asynchronous", "used"}),
    ],
)
def test_a_denied_call_hides_what_needs_it_and_nothing_else(
    shop: Account, service: str, operation: str, checks: set[str]
) -> None:
    shop.refuse(service, operation, "AccessDenied", 403)
    assert {check for check, _ in unknown(shop)} == checks


def test_what_was_seen_can_be_judged_again_from_a_file(shop: Account, tmp_path: Path) -> None:
    snapshot = collected(shop)
    save(snapshot, SETTINGS, tmp_path / "snapshot.json")
    again = load(tmp_path / "snapshot.json").snapshot
    assert findings_of(again) == findings_of(snapshot)
    text = (tmp_path / "snapshot.json").read_text(encoding="utf-8")
    assert "Statement" not in text
