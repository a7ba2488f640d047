"""Make the files of the Terraform module from a template."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.translate.expressions import SECRET, Names, snake
from deploy.translate.hcl import Block, Call, Choice, Expression, Template, file, inline
from deploy.translate.kinds import (
    Argument,
    Json,
    Kind,
    Left,
    Named,
    Nested,
    Package,
    Part,
    Properties,
    Property,
    Single,
    Untranslatable,
)

WRITTEN = "# Made of template.yaml by `make terraform`. Do not edit.\n\n"
KNOWN = {"Type", "Properties", "Condition", "Metadata", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}
SECTIONS = {
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
STACK_NAME = Block(
    'variable "stack_name"',
    {
        "type": Expression("string"),
        "default": "readiness-prod",
        "description": "Beginning of the names of all resources",
    },
    [
        Block(
            "validation",
            {
                "condition": Expression('can(regex("^[A-Za-z][A-Za-z0-9-]{0,31}$", var.stack_name))'),
                "error_message": "stack_name has at most 32 letters, digits and hyphens, and begins with a letter.",
            },
        )
    ],
)
PACKAGES = Block(
    'variable "packages"',
    {"type": Expression("string"), "description": "The folder with the zip files that `make packages` has made"},
)


def files(template: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each file. `template` is in the form after the SAM transform.

    Untranslatable: it has something that the tables do not know.
    """
    if unknown := template.keys() - SECTIONS:
        raise Untranslatable(f"the sections {', '.join(sorted(unknown))} of the template are not known")
    names = Names(template["Parameters"], template["Resources"])
    module = _Module(names)
    texts = {
        "variables.tf": [*map(_variable, *zip(*template["Parameters"].items(), strict=True)), STACK_NAME, PACKAGES],
        "locals.tf": [_locals(template, names)],
        "main.tf": [
            *map(_secret, _secrets(template["Resources"])),
            *_rules(template.get("Rules", {}), names),
            *(each for logical in template["Resources"] for each in module.resource(logical)),
        ],
        "outputs.tf": [_output(name, output, names) for name, output in template["Outputs"].items()],
    }
    return {name: WRITTEN + file(blocks) for name, blocks in texts.items()}


def _variable(name: str, parameter: Mapping[str, Any]) -> Block:
    known = {"Type", "Default", "Description", "AllowedValues", "AllowedPattern", "ConstraintDescription"}
    if unknown := parameter.keys() - known:
        raise Untranslatable(f"{name}: {', '.join(sorted(unknown))} of a parameter is not known")
    variable = snake(name)
    types = {"String": "string", "Number": "number"}
    arguments: dict[str, Any] = {"type": Expression(types[parameter["Type"]])}
    if "Default" in parameter:
        arguments["default"] = parameter["Default"]
    return Block(
        f'variable "{variable}"',
        {**arguments, "description": parameter["Description"]},
        list(_validations(variable, parameter)),
    )


def _validations(variable: str, parameter: Mapping[str, Any]) -> Iterator[Block]:
    if values := parameter.get("AllowedValues"):
        among = f"{variable} is one of {', '.join(map(str, values))}."
        yield _validation(f"contains({inline(values)}, var.{variable})", among)
    if pattern := parameter.get("AllowedPattern"):
        matches = f"can(regex({inline(f'^(?:{pattern})$')}, var.{variable}))"
        constraint = parameter.get("ConstraintDescription", f"text that matches {pattern}")
        yield _validation(matches, f"{variable} is {constraint}.")


def _validation(condition: str, message: str) -> Block:
    return Block("validation", {"condition": Expression(condition), "error_message": message})


def _secrets(given: Any) -> Iterator[str]:
    """Yield the names of the parameters whose secrets are resolved, each once."""
    yield from dict.fromkeys(SECRET.findall(json.dumps(given)))


def _secret(parameter: str) -> Block:
    variable = snake(parameter)
    return Block(
        f'data "aws_secretsmanager_secret_version" "{variable}"',
        {"count": Expression(f'var.{variable} != "" ? 1 : 0'), "secret_id": Expression(f"var.{variable}")},
    )


def _rules(rules: Mapping[str, Any], names: Names) -> Iterator[Block]:
    """Yield a resource without content, which cannot be planned if the parameters break a rule."""
    preconditions = [
        Block("precondition", {"condition": Expression(condition), "error_message": each["AssertDescription"] + "."})
        for rule in rules.values()
        for each in rule["Assertions"]
        for condition in [f"!({names.condition(rule['RuleCondition'])}) || ({names.condition(each['Assert'])})"]
    ]
    if preconditions:
        yield Block('resource "terraform_data" "rules"', {}, [Block("lifecycle", {}, preconditions)])


def _locals(template: Mapping[str, Any], names: Names) -> Block:
    """Return the mappings and the conditions."""
    mappings = {
        snake(name): {key: {snake(each): value for each, value in row.items()} for key, row in rows.items()}
        for name, rows in template.get("Mappings", {}).items()
    }
    conditions = {
        snake(name): Expression(names.condition(condition)) for name, condition in template["Conditions"].items()
    }
    return Block("locals", {**mappings, **conditions})


def _output(name: str, output: Mapping[str, Any], names: Names) -> Block:
    if unknown := output.keys() - {"Description", "Value", "Condition"}:
        raise Untranslatable(f"{name}: {', '.join(sorted(unknown))} of an output is not known")
    value = names.value(output["Value"])
    if "Condition" in output:
        value = Choice(f"local.{snake(output['Condition'])}", value, None)
    return Block(f'output "{snake(name)}"', {"description": output["Description"], "value": value})


@dataclass(frozen=True)
class _Module:
    names: Names

    def resource(self, logical: str) -> Iterator[Block]:
        """Yield the resource, and those that are properties of it in CloudFormation."""
        resource, kind = self.names.resources[logical], self.names.kind(logical)
        if unknown := resource.keys() - KNOWN:
            raise Untranslatable(f"{logical}: {', '.join(sorted(unknown))} of a resource is not known")
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy, "Delete") != "Delete":
                raise Untranslatable(f"{logical}: the {policy} {resource[policy]} is not known")
        given = resource["Properties"]
        parts = {name: part for name, part in kind.properties.items() if isinstance(part, Part)}
        whole = {name: value for name, value in given.items() if name not in parts}
        arguments, blocks = self._body(kind.properties, given, logical)
        if kind.name and kind.name not in arguments:
            arguments = {kind.name: self._name(kind, logical), **arguments}
        yield Block(
            f'resource "{kind.type}" "{snake(logical)}"',
            {**self._count(logical), **arguments},
            blocks,
            [f"checkov:skip={skip['id']}:{skip['comment']}" for skip in _skips(resource)],
            sorted({*self._policies(whole), *map(self._whole, _listed(resource.get("DependsOn", [])))}),
        )
        for name, part in parts.items():
            yield from (self._part(logical, part, element) for element in given.get(name, ()))

    def _part(self, logical: str, part: Part, element: Any) -> Block:
        address = self.names.address(logical)
        parents = {argument: Expression(f"{address}.{attribute}") for argument, attribute in part.parent.items()}
        if part.label:
            label = element[part.label]
            arguments, blocks = self._body(part.properties, element, logical)
        else:
            label = element["Ref"]
            arguments, blocks = {part.element: self.names.value(element)}, []
        return Block(
            f'resource "{part.type}" "{_label(logical, label)}"',
            {**self._count(logical), **parents, **arguments},
            blocks,
            depends_on=sorted(self._policies(element)),
        )

    def _body(
        self, properties: Properties, given: Mapping[str, Any], logical: str
    ) -> tuple[dict[str, Any], list[Block]]:
        """Return the arguments and the blocks of these properties."""
        if unknown := given.keys() - properties.keys():
            missing = f"{', '.join(sorted(unknown))} has no row in deploy/translate/kinds.py"
            raise Untranslatable(f"{logical} ({self.names.resources[logical]['Type']}): {missing}")
        arguments: dict[str, Any] = {}
        blocks: list[Block] = []
        for name, value in given.items():
            property_ = properties[name]
            if isinstance(property_, Nested):
                for each in _listed(value):
                    within, nested = self._body(property_.properties, each, logical)
                    blocks.append(Block(property_.name, within, nested))
            else:
                arguments |= self._argument(property_, value, logical)
        return arguments, blocks

    def _argument(self, property_: Property, value: Any, logical: str) -> dict[str, Any]:
        match property_:
            case Argument(name):
                return {name: self.names.value(value)}
            case Json(name):
                return {name: Call("jsonencode", self.names.value(value))}
            case Single(name):
                (only,) = value
                return {name: self.names.value(only)}
            case Named(name):
                return {name: {each["Name"]: self.names.value(each["Value"]) for each in value}}
            case Package():
                path = f"${{var.packages}}/{logical}.zip"
                return {
                    "filename": Expression(f'"{path}"'),
                    "source_code_hash": Expression(f'filebase64sha256("{path}")'),
                }
            case Left(expected) if value != expected:
                raise Untranslatable(f"{logical}: found {value}, expected {expected}, which the module leaves out")
            case _:  # parts are resources of their own
                return {}

    def _name(self, kind: Kind, logical: str) -> Template:
        stack = [Expression("var.stack_name"), "-"]
        region = [Expression("data.aws_region.current.id"), "-"] if kind.worldwide else []
        return Template([*stack, *region, logical])

    def _count(self, logical: str) -> dict[str, Any]:
        condition = self.names.resources[logical].get("Condition")
        return {"count": Expression(f"local.{snake(condition)} ? 1 : 0")} if condition else {}

    def _whole(self, logical: str) -> str:
        return f"{self.names.kind(logical).type}.{snake(logical)}"

    def _policies(self, given: Any) -> Iterator[str]:
        """Yield the policies of the roles whose ARNs these properties have: CloudFormation makes a role with them."""
        for logical, attribute in _attributes(given):
            resource = self.names.resources[logical]
            if attribute == "Arn" and resource["Type"] == "AWS::IAM::Role":
                for policy in resource["Properties"].get("Policies", ()):
                    yield f"aws_iam_role_policy.{_label(logical, policy['PolicyName'])}"


def _label(logical: str, part: str) -> str:
    """Return the name in Terraform of a part of a resource; a part often begins as the resource does."""
    whole, name = snake(logical), snake(part)
    return whole if whole.startswith(f"{name}_") else f"{whole}_{name}"


def _skips(resource: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    skips: Sequence[Mapping[str, str]] = resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    return skips


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _attributes(given: Any) -> Iterator[tuple[str, str]]:
    """Yield the logical ID and the attribute of each Fn::GetAtt."""
    match given:
        case {"Fn::GetAtt": [str() as logical, str() as attribute]}:
            yield logical, attribute
        case Mapping():
            for each in given.values():
                yield from _attributes(each)
        case list():
            for each in given:
                yield from _attributes(each)
        case _:
            return
