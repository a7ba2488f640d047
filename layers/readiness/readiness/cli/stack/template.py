"""The CloudFormation template of the missing resources of tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from readiness.cli.stack import alarms, backups, budget
from readiness.cli.stack.lacking import MissingResources
from readiness.cli.stack.naming import Json, free, logical

ExistingNames = Mapping[str, Collection[str]]
"""The names of existing resources by resource type."""

NAMES = {"AWS::Budgets::Budget": "BudgetName", "AWS::CloudWatch::Alarm": "AlarmName"}
"""The property with the name that must be unique in the account, by resource type."""


def template(lacking: Sequence[MissingResources], topic: str, existing: ExistingNames) -> Json:
    """Return the template. `topic` is the ARN of the on-call topic; if empty, it is a parameter without default."""
    paid = any(each.budget for each in lacking)
    notifies = paid or any(each.alarms for each in lacking)
    parameters = {**(_topic(topic) if notifies else {}), **(budget.PARAMETERS if paid else {})}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Missing alarms, budget and backup plans of DynamoDB tables, as found by Readiness",
        **({"Parameters": parameters} if parameters else {}),
        **({"Conditions": budget.CONDITIONS} if paid else {}),
        "Resources": {name: _renamed(resource, existing) for name, resource in _resources(lacking)},
    }


def _renamed(resource: Json, existing: ExistingNames) -> Json:
    """Give the resource a free name: CloudFormation rolls a template back if a resource exists already."""
    if name := NAMES.get(resource["Type"]):
        properties = resource["Properties"]
        named = properties.get("Budget", properties)
        named[name] = free(named[name], existing.get(resource["Type"], ()))
    return resource


def _topic(arn: str) -> Json:
    parameter: Json = {
        "Type": "String",
        "Description": "ARN of the SNS topic that notifies on-call.",
        "AllowedPattern": "arn:[^:]+:sns:.+",
    }
    return {"OnCallTopicArn": parameter | ({"Default": arn} if arn else {})}


def _resources(lacking: Sequence[MissingResources]) -> Iterator[tuple[str, Json]]:
    """Yield the resources: those of the account once, those of each table under its name."""
    names = logical(each.table_name for each in lacking)
    for each in lacking:
        yield from _alarms(each, names[each.table_name])
    if any(each.user_errors for each in lacking):
        yield "UserErrors", alarms.user_errors()
    failures = dict.fromkeys(one for each in lacking for one in each.write_failures)
    for number, one in enumerate(failures, 1):
        yield f"WriteFailure{number}", alarms.write_failure(one)
    if any(each.budget for each in lacking):
        yield "Budget", budget.budget()
    if any(each.backup for each in lacking):
        yield "BackupRole", backups.role()
    for each in lacking:
        yield from _backups(each, names[each.table_name])


def _alarms(each: MissingResources, name: str) -> Iterator[tuple[str, Json]]:
    table = each.table_name
    if each.throttling:
        yield f"{name}Throttling", alarms.throttling(table)
    for number, index in enumerate(each.indexes, 1):
        yield f"{name}Throttling{number}", alarms.throttling(table, index)
    if each.reads:
        yield f"{name}ReadSpike", alarms.spike(table, "Read")
    if each.writes:
        yield f"{name}WriteSpike", alarms.spike(table, "Write")


def _backups(each: MissingResources, name: str) -> Iterator[tuple[str, Json]]:
    if each.backup is None:
        return
    yield f"{name}BackupVault", backups.vault(each.table_name)
    yield f"{name}BackupPlan", backups.plan(each.table_name, each.backup, f"{name}BackupVault")
    yield f"{name}BackupSelection", backups.selection(each.table_arn, f"{name}BackupPlan", "BackupRole")
