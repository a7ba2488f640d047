"""Translate the intrinsic functions of a CloudFormation template into expressions of Terraform."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from deploy.translate.hcl import Choice, Expression, Present, Template, inline
from deploy.translate.kinds import KINDS, Kind, Untranslatable

PSEUDO = {
    "AWS::AccountId": "data.aws_caller_identity.current.account_id",
    "AWS::NoValue": "null",
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.id",
    "AWS::StackName": "var.stack_name",
    "AWS::URLSuffix": "data.aws_partition.current.dns_suffix",
}
NOTHING = {"Ref": "AWS::NoValue"}
SECRET = re.compile(r"\{\{resolve:secretsmanager:\$\{(\w+)\}\}\}")
PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")
WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Return the name as Terraform spells it: `on_call_topic` of `OnCallTopic`."""
    return WORD.sub("_", name).lower().replace("-", "_")


@dataclass(frozen=True)
class Names:
    """The parameters and resources that expressions of a template refer to. `resources`: after the transform."""

    parameters: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, Mapping[str, Any]]

    def kind(self, logical: str) -> Kind:
        """Return the kind of a resource. Untranslatable: the table has no such type."""
        type_ = self.resources[logical]["Type"]
        if type_ not in KINDS:
            raise Untranslatable(f"{logical}: the type {type_} has no row in deploy/translate/kinds.py")
        return KINDS[type_]

    def address(self, logical: str) -> str:
        """Return the address of a resource, which has an index if the resource has a condition."""
        index = "[0]" if "Condition" in self.resources[logical] else ""
        return f"{self.kind(logical).type}.{snake(logical)}{index}"

    def value(self, given: Any) -> Any:
        """Return the value for `hcl`. Untranslatable: an intrinsic function or an attribute is not known."""
        match given:
            case Mapping() if len(given) == 1 and (name := next(iter(given))) and _intrinsic(name):
                return self._called(name, given[name])
            case Mapping():
                return {key: self.value(each) for key, each in given.items()}
            case list():
                elements = [self.value(each) for each in given]
                return Present(elements) if any(map(_optional, given)) else elements
            case _:
                return given

    def condition(self, given: Any) -> str:
        """Return the expression of a condition. Untranslatable: its function is not known."""
        ((name, argument),) = given.items()
        match name:
            case "Condition":
                return f"local.{snake(argument)}"
            case "Fn::Equals":
                return self._compared(argument, "==")
            case "Fn::Not" if "Fn::Equals" in argument[0]:
                return self._compared(argument[0]["Fn::Equals"], "!=")
            case "Fn::Not":
                return f"!{self._operand(argument[0])}"
            case "Fn::And" | "Fn::Or":
                operator = " && " if name == "Fn::And" else " || "
                return operator.join(map(self._operand, argument))
            case _:
                raise Untranslatable(f"the function {name} of a condition is not known")

    def _compared(self, values: Sequence[Any], operator: str) -> str:
        return f" {operator} ".join(inline(self.value(each)) for each in values)

    def _operand(self, given: Mapping[str, Any]) -> str:
        text = self.condition(given)
        return text if "Condition" in given or "Fn::Not" in given else f"({text})"

    def _called(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._ref(argument)
            case "Fn::GetAtt":
                logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
                return self._attribute(logical, attribute)
            case "Fn::If":
                condition, then, other = argument
                return Choice(f"local.{snake(condition)}", self.value(then), self.value(other))
            case "Fn::FindInMap":
                mapping, first, second = argument
                return Expression(f"local.{snake(mapping)}[{inline(self.value(first))}].{snake(second)}")
            case "Fn::Select":
                number, elements = argument
                return Expression(f"{inline(self.value(elements))}[{number}]")
            case "Fn::Split":
                separator, text = argument
                return Expression(f"split({inline(separator)}, {inline(self.value(text))})")
            case "Fn::Sub" if isinstance(argument, str) and (secret := SECRET.fullmatch(argument)):
                return Expression(f"data.aws_secretsmanager_secret_version.{snake(secret[1])}[0].secret_string")
            case "Fn::Sub":
                text, named = (argument, {}) if isinstance(argument, str) else argument
                return self._substituted(text, named)
            case _:
                raise Untranslatable(f"the function {name} is not known")

    def _ref(self, name: str) -> Expression:
        if name in PSEUDO:
            return Expression(PSEUDO[name])
        if name in self.parameters:
            return Expression(f"var.{snake(name)}")
        return Expression(f"{self.address(name)}.{self.kind(name).ref}")

    def _attribute(self, logical: str, attribute: str) -> Expression | Template:
        attributes = self.kind(logical).attributes
        if attribute not in attributes:
            raise Untranslatable(f"{logical}.{attribute} has no row in deploy/translate/kinds.py")
        name, suffix = attributes[attribute], self.kind(logical).suffixes.get(attribute)
        found = Expression(f"{self.address(logical)}.{name}")
        return Template([found, suffix]) if suffix else found

    def _substituted(self, text: str, named: Mapping[str, Any]) -> Any:
        parts: list[Any] = []
        end = 0
        for found in PLACEHOLDER.finditer(text):
            parts += [text[end : found.start()], self._placeholder(found, named)]
            end = found.end()
        return _joined([*parts, text[end:]])

    def _placeholder(self, found: re.Match[str], named: Mapping[str, Any]) -> Any:
        literal, name = found.groups()
        if literal:
            return f"${{{name}}}"
        if name in named:
            return self.value(named[name])
        return self._attribute(*name.split(".", 1)) if "." in name else self._ref(name)


def _intrinsic(name: str) -> bool:
    return name in {"Ref", "Condition"} or name.startswith("Fn::")


def _optional(element: Any) -> bool:
    return isinstance(element, Mapping) and NOTHING in element.get("Fn::If", ())


def _joined(parts: Sequence[Any]) -> Any:
    """Return the text of these parts; neighbours that are texts are one, and so are templates in it."""
    flat: list[Any] = []
    for part in chain.from_iterable(each.parts if isinstance(each, Template) else [each] for each in parts):
        if isinstance(part, str) and flat and isinstance(flat[-1], str):
            flat[-1] += part
        elif part != "":
            flat.append(part)
    return flat[0] if len(flat) == 1 else Template(flat)
