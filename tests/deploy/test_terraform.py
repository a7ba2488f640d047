"""The Terraform module has the resources of the template, each with its properties."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from deploy.translate.kinds import Untranslatable
from deploy.translate.module import files
from deploy.translate.transformed import transformed as generated
from tests.deploy import hcl
from tests.deploy.back import Module, Tree, joined, spelled
from tests.test_template import transformed

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "deploy" / "terraform"
TERRAFORM = shutil.which("terraform")
PLUGINS = Path(os.environ.get("TF_FILESYSTEM_MIRROR", "-"))
"""A folder with the AWS provider: https://developer.hashicorp.com/terraform/cli/config/config-file"""
LEFT_OUT = {
    "AWS::Lambda::Function": {"Code", "Tags"},  # the code is a file; the tag says that SAM made the function
    "AWS::Lambda::LayerVersion": {"Content", "LayerName"},
}
SECRET = r"\{\{resolve:secretsmanager:\$\{(\w+)\}\}\}"
MANY = {"Fn::And": "And", "Fn::Or": "Or"}


@cache
def template() -> dict[str, Any]:
    """The template, with its resources as they are after the SAM transform, which adds a hash to the layer's name."""
    document: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    plain = re.sub(r"ReadinessLayer[0-9a-f]{10}", "ReadinessLayer", json.dumps(transformed()))
    return {**document, "Resources": json.loads(plain)}


@cache
def module() -> Module:
    document = template()
    names = [*document["Parameters"], *document["Mappings"], *document["Conditions"], *document["Resources"]]
    return Module(hcl.read(MODULE), names)


def blocks(kind: str) -> dict[str, Any]:
    return {name: body for block in module().blocks[kind] for name, body in block.items()}


def tree(value: Any) -> Tree:  # noqa: C901, PLR0911, PLR0912  one for each function
    """A value of the template, with its functions as tuples."""
    match value:
        case {"Ref": "AWS::NoValue"}:
            return None
        case {"Ref": name}:
            return ("Ref", name)
        case {"Fn::GetAtt": [logical, attribute]}:
            return ("GetAtt", logical, attribute)
        case {"Fn::GetAtt": str() as path}:
            return ("GetAtt", *path.split("."))
        case {"Fn::If": [condition, then, other]}:
            return ("If", condition, tree(then), tree(other))
        case {"Fn::FindInMap": [mapping, key, column]}:
            return ("FindInMap", mapping, tree(key), spelled(column))
        case {"Fn::Select": [number, {"Fn::Split": [separator, text]}]}:
            return ("Select", number, ("Split", separator, tree(text)))
        case {"Fn::Sub": str() as text} if secret := re.fullmatch(SECRET, text):
            return ("Secret", secret[1])
        case {"Fn::Sub": [text, named]}:
            return substituted(text, named)
        case {"Fn::Sub": text}:
            return substituted(text, {})
        case {"Fn::Equals": [left, right]}:
            return ("Equals", tree(left), tree(right))
        case {"Fn::Not": [operand]}:
            return ("Not", tree(operand))
        case {"Condition": str() as name}:
            return ("Condition", name)
        case dict() if len(value) == 1 and (operator := MANY.get(*value)):
            (operands,) = value.values()
            return (operator, *map(tree, operands))
        case dict():
            assert not any(key.startswith("Fn::") for key in value), value
            return {key: tree(each) for key, each in value.items()}
        case list():
            return [tree(each) for each in value]
        case bool() | int() | float():
            return str(value).lower()
        case _:
            return value


def substituted(text: str, named: Mapping[str, Any]) -> Tree:
    parts: list[Tree] = []
    for number, part in enumerate(re.split(r"\$\{([^}]+)\}", text)):
        if number % 2 == 0:
            parts.append(part)
        elif part.startswith("!"):
            parts.append(f"${{{part[1:]}}}")
        elif part in named:
            parts.append(tree(named[part]))
        else:
            parts.append(("GetAtt", *part.split(".")) if "." in part else ("Ref", part))
    return joined(parts)


def expected() -> dict[str, Tree]:
    return {
        logical: {
            **{key: each[key] for key in ("Type", "Condition") if key in each},
            "Properties": {
                name: tree(value)
                for name, value in each["Properties"].items()
                if name not in LEFT_OUT.get(each["Type"], ())
            },
        }
        for logical, each in template()["Resources"].items()
    }


def test_the_module_has_the_resources_of_the_template() -> None:
    assert module().template().keys() == expected().keys()


def test_each_resource_has_its_properties() -> None:
    made = module().template()
    differing = {
        f"{logical}.{name}": (made[logical]["Properties"].get(name), each["Properties"].get(name))
        for logical, each in expected().items()
        for name in {*each["Properties"], *made[logical]["Properties"]}
        if made[logical]["Properties"].get(name) != each["Properties"].get(name)
    }
    assert differing == {}


def test_each_resource_has_its_type_and_condition() -> None:
    heads = [
        {logical: {**each, "Properties": {}} for logical, each in resources.items()}
        for resources in (module().template(), expected())
    ]
    assert heads[0] == heads[1]


def test_the_variables_are_the_parameters() -> None:
    variables = blocks("variable")
    parameters = template()["Parameters"]
    assert variables.keys() == {*map(spelled, parameters), "stack_name", "packages"}
    for name, parameter in parameters.items():
        variable = variables[spelled(name)]
        assert variable["type"] == ("ref", parameter["Type"].lower())
        assert variable.get("default") == parameter.get("Default")
        assert variable["description"] == parameter["Description"]
        assert [each["condition"] for each in variable.get("validation", [])] == validations(name, parameter)


def validations(name: str, parameter: Mapping[str, Any]) -> list[Any]:
    variable = ("ref", "var", spelled(name))
    found: list[Any] = []
    if values := parameter.get("AllowedValues"):
        found.append(("call", "contains", values, variable))
    if pattern := parameter.get("AllowedPattern"):
        found.append(("call", "can", ("call", "regex", f"^(?:{pattern})$", variable)))
    return found


def test_the_locals_are_the_mappings_and_the_conditions() -> None:
    (values,) = module().blocks["locals"]
    conditions = {name: tree(each) for name, each in template()["Conditions"].items()}
    assert {name: module().condition(values[spelled(name)]) for name in conditions} == conditions
    mappings = {
        spelled(name): {key: {spelled(each): value for each, value in row.items()} for key, row in rows.items()}
        for name, rows in template()["Mappings"].items()
    }
    assert {name: values[name] for name in mappings} == mappings
    assert values.keys() == {*map(spelled, conditions), *mappings}


def test_the_rules_are_preconditions() -> None:
    asserted = [
        (("op", "||", ("op", "!", tree(rule["RuleCondition"])), tree(each["Assert"])), f"{each['AssertDescription']}.")
        for rule in template().get("Rules", {}).values()
        for each in rule["Assertions"]
    ]
    found = [block["terraform_data"]["rules"] for block in module().blocks["resource"] if "terraform_data" in block]
    preconditions = [each for body in found for lifecycle in body["lifecycle"] for each in lifecycle["precondition"]]
    assert [(condition(each["condition"]), each["error_message"]) for each in preconditions] == asserted


def condition(value: Any) -> Any:
    match value:
        case ("op", "||", ("op", "!", unless), then):
            return ("op", "||", ("op", "!", module().condition(unless)), module().condition(then))
        case _:
            raise AssertionError(value)


def test_the_outputs_are_those_of_the_template() -> None:
    made = {name: (body["description"], module().tree(body["value"])) for name, body in blocks("output").items()}
    assert made == {
        spelled(name): (output["Description"], tree(output["Value"])) for name, output in template()["Outputs"].items()
    }


def test_what_has_a_role_waits_for_the_policies_that_the_role_has_in_cloudformation() -> None:
    policies = {
        body["role"][2]: ("ref", type_, label)
        for (type_, label), body in module().resources.items()
        if type_ == "aws_iam_role_policy"
    }
    assert policies
    for (_, label), body in module().resources.items():
        for role, policy in policies.items():
            if ("ref", "aws_iam_role", role, "arn") in [body.get("role"), body.get("role_arn"), *roles(body)]:
                assert policy in body["depends_on"], label


def roles(body: Mapping[str, Any]) -> list[Any]:
    return [
        each.get("role_arn")
        for blocks in body.values()
        if isinstance(blocks, list)
        for each in blocks
        if isinstance(each, dict)
    ]


@cache
def document_of_sam() -> str:
    return json.dumps(generated(ROOT / "template.yaml"))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["Resources", "Changes", "Properties", "FifoQueue"], True, "Changes (AWS::SQS::Queue): FifoQueue has no row"),
        (["Resources", "Changes", "Type"], "AWS::SQS::New", "Changes: the type AWS::SQS::New has no row"),
        (["Resources", "Changes", "DeletionPolicy"], "Retain", "Changes: the DeletionPolicy Retain is not known"),
        (["Resources", "Changes", "CreationPolicy"], {}, "Changes: CreationPolicy of a resource is not known"),
        (["Resources", "Changes", "Properties", "DelaySeconds"], {"Fn::Cidr": []}, "Fn::Cidr is not known"),
        (
            ["Resources", "Changes", "Properties", "DelaySeconds"],
            {"Fn::GetAtt": ["Changes", "X"]},
            "Changes.X has no row",
        ),
        (["Resources", "Schedule", "Properties", "Target", "EcsParameters"], {}, "EcsParameters has no row"),
        (["Resources", "Monitor", "Properties", "Tags"], [], "Monitor: found [], expected"),
        (["Parameters", "TableName", "NoEcho"], True, "TableName: NoEcho of a parameter is not known"),
        (["Conditions", "OwnTopic"], {"Fn::Contains": []}, "Fn::Contains of a condition is not known"),
        (["Hooks"], {}, "the sections Hooks of the template are not known"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) and value else None,
)
def test_what_the_tables_do_not_know_stops_the_translation(path: list[str], value: object, said: str) -> None:
    document = json.loads(document_of_sam())
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    with pytest.raises(Untranslatable, match=re.escape(said)):
        files(document)


@pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed")
def test_terraform_formats_the_module_as_it_is() -> None:
    done = subprocess.run(
        [str(TERRAFORM), "fmt", "-check", "-diff", MODULE], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


@pytest.mark.slow
@pytest.mark.skipif(
    not TERRAFORM or not PLUGINS.is_dir(), reason="TF_FILESYSTEM_MIRROR names no folder with the AWS provider"
)
def test_terraform_and_the_aws_provider_accept_the_module(tmp_path: Path) -> None:
    shutil.copytree(MODULE, tmp_path / "module", ignore=shutil.ignore_patterns(".terraform*"))
    mirror = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{PLUGINS}"\n  }}\n}}\n'
    (tmp_path / "terraformrc").write_text(mirror)
    env = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "terraformrc"), "CHECKPOINT_DISABLE": "1"}
    for command in (["init", "-backend=false", "-input=false"], ["validate"]):
        ran = [str(TERRAFORM), f"-chdir={tmp_path / 'module'}", *command, "-no-color"]
        done = subprocess.run(ran, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
