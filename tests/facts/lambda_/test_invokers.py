import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.facts.lambda_.invocation_paths import (
    InvokeConfig,
    InvokeConfigs,
    Invokers,
    Qualifier,
    Urls,
    invoke_configs,
    invokers,
    urls,
)
from readiness.facts.lambda_.policies import ACCOUNTS
from tests.aws.account import Account
from tests.aws.completed import complete
from tests.aws.dead_letters import by_qualifier
from tests.aws.functions import alias, arn_of, function, published
from tests.rules.dead_letters import DEAD, KEPT, qualifier

complete()
by_qualifier()


@pytest.fixture
def checkout(account: Account) -> Account:
    """An account with the function and an alias of it, `live`."""
    function(account, "checkout")
    alias(account, "checkout", "live", published(account, "checkout", {}))
    return account


def permit(account: Account, principal: str, **other: Any) -> None:
    account.client("lambda").add_permission(
        FunctionName="checkout",
        StatementId=principal.replace(".", "-").replace(":", "-").replace("/", "-").replace("*", "anybody"),
        Action=other.pop("Action", "lambda:InvokeFunction"),
        Principal=principal,
        **other,
    )


def test_the_services_that_its_policy_admits(checkout: Account) -> None:
    permit(checkout, "sns.amazonaws.com")
    permit(checkout, "events.amazonaws.com")
    assert invokers(checkout.aws, qualifier()) == Invokers(("events.amazonaws.com", "sns.amazonaws.com"))


def test_each_alias_has_a_policy_of_its_own(checkout: Account) -> None:
    permit(checkout, "events.amazonaws.com", Qualifier="live")
    assert invokers(checkout.aws, qualifier("live", "1")) == Invokers(("events.amazonaws.com",))
    assert invokers(checkout.aws, qualifier()) == Invokers(())


def test_nobody_where_there_is_no_policy(checkout: Account) -> None:
    assert invokers(checkout.aws, qualifier()) == Invokers(())


def test_a_missing_function_is_not_one_without_a_policy(account: Account) -> None:
    with pytest.raises(ClientError, match="Function not found"):
        invokers(account.aws, Qualifier("gone", f"{arn_of('gone')}:$LATEST", "$LATEST", ()))


def test_a_policy_that_is_denied_is_not_one_that_admits_nobody(checkout: Account) -> None:
    checkout.refuse("lambda", "GetPolicy", "AccessDeniedException", 403)
    with pytest.raises(ClientError, match="AccessDenied"):
        invokers(checkout.aws, qualifier())


def test_roles_and_accounts_are_not_told_apart(checkout: Account) -> None:
    permit(checkout, "999999999999")
    assert invokers(checkout.aws, qualifier()) == Invokers((ACCOUNTS,))


def statement(**other: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn_of("checkout"),
        **other,
    }


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(statement(Effect="Deny"), id="denied"),
        pytest.param(statement(Action="lambda:GetFunction"), id="something else than to invoke"),
        pytest.param(
            statement(
                Principal="*",
                Action="lambda:InvokeFunctionUrl",
                Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
            ),
            id="its address on the internet",
        ),
        pytest.param(
            statement(Principal="*", Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
            id="the other half of that",
        ),
    ],
)
def test_what_lets_nobody_invoke_it(checkout: Account, written: dict[str, Any]) -> None:
    checkout.answer("lambda", "GetPolicy", {"Policy": json.dumps({"Statement": [written]})})
    assert invokers(checkout.aws, qualifier()) == Invokers(())


def test_the_qualifiers_that_have_an_address(checkout: Account) -> None:
    assert urls(checkout.aws, KEPT) == Urls(())
    one = {"FunctionUrlConfigs": [{"FunctionArn": f"{arn_of('checkout')}:live"}], "NextMarker": "more"}
    other = {"FunctionUrlConfigs": [{"FunctionArn": arn_of("checkout")}]}
    checkout.answer("lambda", "ListFunctionUrlConfigs", one, other)
    assert urls(checkout.aws, KEPT) == Urls(("$LATEST", "live"))


def test_what_becomes_of_failed_events_is_said_for_each_qualifier(checkout: Account) -> None:
    client = checkout.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName="checkout", Qualifier="live", DestinationConfig={"OnFailure": {"Destination": DEAD}}
    )
    client.put_function_event_invoke_config(
        FunctionName="checkout", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=300
    )
    assert invoke_configs(checkout.aws, KEPT) == InvokeConfigs(
        {"live": InvokeConfig(DEAD, None, None), "$LATEST": InvokeConfig(None, 0, 300)}
    )


def test_nothing_is_said_where_nobody_said_anything(checkout: Account) -> None:
    assert invoke_configs(checkout.aws, KEPT) == InvokeConfigs({})


def test_a_destination_of_success_keeps_no_failures(checkout: Account) -> None:
    checkout.client("lambda").put_function_event_invoke_config(
        FunctionName="checkout", DestinationConfig={"OnSuccess": {"Destination": DEAD}}
    )
    assert invoke_configs(checkout.aws, KEPT).of["$LATEST"].on_failure is None
