"""`readiness alert --test` and `readiness alert --pager`."""

from datetime import UTC, datetime
from pathlib import Path

from readiness.alerts.compose import test_message
from readiness.alerts.entries import context_of, owners_of
from readiness.alerts.topic import AlertTopic, Refused
from readiness.aws.client import Aws
from readiness.checklist import TableSettings
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.pager import send_test, show, with_pager
from readiness.cli.start import account_for, chosen_settings
from readiness.cli.terminal import agreed, say
from readiness.facts.dynamodb.table import tables
from readiness.rules import RULES
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered, StoreUnavailable, store_of


def run(
    topic: str,
    table: str,
    config: Path | None,
    *,
    test: bool,
    pager: bool,  # noqa: ARG001  one of the two is required
    yes: bool,
    dry_run: bool,
) -> Exit:
    """Publish a marked test message, and open and close a test incident at the pager; or show what the pager was sent.

    Exit 1: the topic has no confirmed subscription, or no run has recorded where the pager is.
    """
    selected = chosen_settings(table, config)
    aws = account_for(selected.settings)
    if not test:
        return show(aws, selected)
    remembered = _remembered(aws, selected.settings.tables[0])
    settings = with_pager(selected, remembered)
    arn = topic or settings.on_call.topic_arn or remembered.topic
    if not arn:
        raise Usage("no topic: no run has recorded one: set --topic, or on_call.topic_arn in the checklist file")
    name = settings.tables[0].name
    [first] = tables(aws, settings.only(name))
    paged = settings.on_call.pager
    also = "" if paged == "none" else f", and open and close a test incident at pager {paged}"
    action = f"send a test message about {name} in account {aws.account} to {arn}{also}"
    if not agreed(action, yes=yes, dry_run=dry_run, kept="nothing was sent"):
        return Exit.OK
    sns = AlertTopic(aws.client("sns"), arn)
    context = context_of(first, settings, dashboard="", table_id="test")
    now = datetime.now(UTC)
    owners = owners_of(Overlay(remembered, settings, now), RULES)
    try:
        sns.publish(test_message(context, now, tuple(rule.id for rule in RULES), owners))
    except Refused as refused:
        raise Failed(Exit.CANNOT_START, f"SNS rejected the message ({refused}): {arn}") from None
    if also:
        send_test(aws, settings.only(name), context)
    if not sns.has_subscribers():
        raise Failed(Exit.FAILS, f"sent, but not delivered: {arn} has no confirmed subscription")
    say(f"sent to {arn}, which has a confirmed subscription: confirm with on-call that it arrived")
    return Exit.OK


def _remembered(aws: Aws, table: TableSettings) -> Remembered:
    """Return the stored state, with the topic of the deployed monitor; an empty one if it cannot be read."""
    try:
        return store_of(aws, table, writer="cli").read()
    except StoreUnavailable:
        return Remembered()
