"""What CloudFormation does with a template of alarms, a budget and backups, by the calls that it would make.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

import yaml

from tests.aws.account import ACCOUNT, REGION

Client = Callable[[str], Any]
Json = dict[str, Any]

FUNCTIONS = {"Ref", "Fn::Equals", "Fn::GetAtt", "Fn::If", "Fn::Not", "Fn::Sub"}
PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::Region": REGION}


class Loader(yaml.SafeLoader):
    """Reads the short forms of functions as what they stand for."""


def _short(loader: Any, suffix: str, node: Any) -> Json:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    else:
        value = loader.construct_sequence(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _short)


def read(text: str) -> Json:
    """The document, functions in their long form."""
    document: Json = yaml.load(text, Loader)  # noqa: S506  it is a safe loader
    return document


def deploy(client: Client, text: str, **parameters: str) -> "Stack":
    """Make everything that the template describes, each after what it refers to."""
    stack = Stack(client, read(text), parameters)
    stack.deploy()
    return stack


@dataclass
class Stack:
    """What was made so far. `ids` is what Ref, `attributes` what GetAtt returns of a resource."""

    client: Client
    document: Json
    parameters: Mapping[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Json] = field(default_factory=dict)

    def deploy(self) -> None:
        resources = self.document["Resources"]
        graph = {name: set(_names(resource)) & set(resources) for name, resource in resources.items()}
        for name in TopologicalSorter(graph).static_order():
            properties = self.resolved(resources[name]["Properties"])
            self.ids[name], self.attributes[name] = MAKERS[resources[name]["Type"]](self.client, name, properties)

    def resolved(self, value: Any) -> Any:
        """The value without functions."""
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if isinstance(value, dict):
            called = value.keys() & FUNCTIONS
            return self._called(value) if called else {key: self.resolved(each) for key, each in value.items()}
        return value

    def _called(self, value: Json) -> Any:
        match value:
            case {"Ref": name}:
                return self._referred(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self.attributes[name][attribute]
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._referred(found[1]), text)
            case {"Fn::If": [name, then, otherwise]}:
                return self.resolved(then if self.resolved(self.document["Conditions"][name]) else otherwise)
            case {"Fn::Not": [condition]}:
                return not self.resolved(condition)
            case _:
                one, other = self.resolved(value["Fn::Equals"])
                return one == other

    def _referred(self, name: str) -> str:
        if name in PSEUDO:
            return PSEUDO[name]
        return self._parameter(name) if name in self.document.get("Parameters", {}) else self.ids[name]

    def _parameter(self, name: str) -> str:
        """ValueError, as CloudFormation's ValidationError: it has no value, or one that is not allowed."""
        declared = self.document["Parameters"][name]
        value = str(self.parameters.get(name, declared.get("Default")))
        if name not in self.parameters and "Default" not in declared:
            msg = f"Parameters: [{name}] must have values"
            raise ValueError(msg)
        if not re.fullmatch(declared.get("AllowedPattern", ".*"), value):
            msg = f"Parameter {name} failed to satisfy constraint"
            raise ValueError(msg)
        return value


def _names(value: Any) -> Iterator[str]:
    """What a value refers to."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            yield name
        case dict():
            for each in value.values():
                yield from _names(each)
        case list():
            for each in value:
                yield from _names(each)
        case _:
            pass


def _alarm(client: Client, _name: str, properties: Json) -> tuple[str, Json]:
    client("cloudwatch").put_metric_alarm(**properties)
    return properties["AlarmName"], {}


def _budget(client: Client, _name: str, properties: Json) -> tuple[str, Json]:
    """The API takes an amount as text."""
    budget = properties["Budget"]
    limit = {**budget["BudgetLimit"], "Amount": str(budget["BudgetLimit"]["Amount"])}
    client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={**budget, "BudgetLimit": limit},
        NotificationsWithSubscribers=properties["NotificationsWithSubscribers"],
    )
    return budget["BudgetName"], {}


def _role(client: Client, name: str, properties: Json) -> tuple[str, Json]:
    """Its name is made up where the template gives it none. Moto has AWS's policies only where it is asked for them."""
    document = json.dumps(properties["AssumeRolePolicyDocument"])
    role = client("iam").create_role(RoleName=f"readiness-alarms-{name}", AssumeRolePolicyDocument=document)["Role"]
    for policy in properties["ManagedPolicyArns"]:
        client("iam").attach_role_policy(RoleName=role["RoleName"], PolicyArn=policy)
    return role["RoleName"], {"Arn": role["Arn"]}


def _vault(client: Client, _name: str, properties: Json) -> tuple[str, Json]:
    vault = client("backup").create_backup_vault(**properties)
    return properties["BackupVaultName"], {"BackupVaultArn": vault["BackupVaultArn"]}


def _plan(client: Client, _name: str, properties: Json) -> tuple[str, Json]:
    """The API calls the rules of a plan, and the vault of a rule, by other names."""
    plan = properties["BackupPlan"]
    rules = [
        {("TargetBackupVaultName" if key == "TargetBackupVault" else key): value for key, value in rule.items()}
        for rule in plan["BackupPlanRule"]
    ]
    made = client("backup").create_backup_plan(BackupPlan={"BackupPlanName": plan["BackupPlanName"], "Rules": rules})
    return made["BackupPlanId"], {"BackupPlanArn": made["BackupPlanArn"]}


def _selection(client: Client, _name: str, properties: Json) -> tuple[str, Json]:
    made = client("backup").create_backup_selection(**properties)
    return made["SelectionId"], {}


MAKERS: Mapping[str, Callable[[Client, str, Json], tuple[str, Json]]] = {
    "AWS::Backup::BackupPlan": _plan,
    "AWS::Backup::BackupSelection": _selection,
    "AWS::Backup::BackupVault": _vault,
    "AWS::Budgets::Budget": _budget,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::IAM::Role": _role,
}
