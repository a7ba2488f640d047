"""The CloudFormation template that brings what tables lack, and only that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from readiness.cli.stack import alarms, backups, budget
from readiness.cli.stack.lacking import Lacking
from readiness.cli.stack.naming import free, logical

Json = dict[str, Any]


Taken = Mapping[str, Collection[str]]
"""By types of resources, the names of those that the account has."""

NAMES = {"AWS::Budgets::Budget": "BudgetName", "AWS::CloudWatch::Alarm": "AlarmName"}
"""Where the name of a resource stands that no other of the account may have."""


def template(lacking: Sequence[Lacking], topic: str, taken: Taken) -> Json:
    """The document. `topic` is the ARN of the topic that on call listens to; empty, whoever deploys has to name it."""
    paid = any(each.budget for each in lacking)
    told = paid or any(each.alarms for each in lacking)
    parameters = {**(_topic(topic) if told else {}), **(budget.PARAMETERS if paid else {})}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Alarms, budget and backups that DynamoDB tables lacked, as Readiness found them",
        **({"Parameters": parameters} if parameters else {}),
        **({"Conditions": budget.CONDITIONS} if paid else {}),
        "Resources": {name: _renamed(resource, taken) for name, resource in _resources(lacking)},
    }


def _renamed(resource: Json, taken: Taken) -> Json:
    """With a name that is free. A template that makes what is there already would be rolled back as a whole."""
    named, where = NAMES.get(resource["Type"]), resource.get("Properties", {})
    where = where.get("Budget", where)
    if named:
        where[named] = free(where[named], taken.get(resource["Type"], ()))
    return resource


def _topic(arn: str) -> Json:
    parameter: Json = {
        "Type": "String",
        "Description": "The SNS topic that wakes on call.",
        "AllowedPattern": "arn:[^:]+:sns:.+",
    }
    return {"OnCallTopicArn": parameter | ({"Default": arn} if arn else {})}


def _resources(lacking: Sequence[Lacking]) -> Iterator[tuple[str, Json]]:
    """Those of the account once, those of a table under its name."""
    names = logical(each.table_name for each in lacking)
    for each in lacking:
        yield from _alarms(each, names[each.table_name])
    if any(each.user_errors for each in lacking):
        yield "UserErrors", alarms.user_errors()
    if any(each.budget for each in lacking):
        yield "Budget", budget.budget()
    if any(each.backup for each in lacking):
        yield "BackupRole", backups.role()
    for each in lacking:
        yield from _backups(each, names[each.table_name])


def _alarms(each: Lacking, name: str) -> Iterator[tuple[str, Json]]:
    table = each.table_name
    if each.throttling:
        yield f"{name}Throttling", alarms.throttling(table)
    for number, index in enumerate(each.indexes, 1):
        yield f"{name}Throttling{number}", alarms.throttling(table, index)
    if each.reads:
        yield f"{name}ReadSpike", alarms.spike(table, "Read")
    if each.writes:
        yield f"{name}WriteSpike", alarms.spike(table, "Write")


def _backups(each: Lacking, name: str) -> Iterator[tuple[str, Json]]:
    if each.backup is None:
        return
    yield f"{name}BackupVault", backups.vault(each.table_name)
    yield f"{name}BackupPlan", backups.plan(each.table_name, each.backup, f"{name}BackupVault")
    yield f"{name}BackupSelection", backups.selection(each.table_arn, f"{name}BackupPlan", "BackupRole")
