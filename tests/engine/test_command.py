"""Calls as commands of the AWS CLI, and commands on lines."""

import json
import shlex

import pytest
from botocore import xform_name
from botocore.session import Session

from readiness.aws.command import dashed, fits, lines, rendered
from readiness.cli.fix.plan import EFFECTS
from readiness.model import Call
from readiness.rules import ASKED

CALLS = {
    f"{step.service}:{step.operation}": step
    for rule in ASKED
    for check in rule.checks
    for step in check.remedy.steps
    if isinstance(step, Call)
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_has_the_names_of_the_model(name: str) -> None:
    call = CALLS[name]
    members = Session().get_service_model(call.service).operation_model(call.operation).input_shape
    assert members
    assert call.parameters.keys() <= members.members.keys()
    assert [dashed(each) for each in call.parameters] == [xform_name(each, "-") for each in call.parameters]
    assert dashed(call.operation) == xform_name(call.operation, "-")


def test_every_call_but_those_on_roles_can_be_made() -> None:
    assert {name for name, call in CALLS.items() if call.operation not in EFFECTS and call.service != "iam"} == set()


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ({"Name": "a b", "Size": 3}, "--name 'a b' --size 3"),
        ({"DeletionProtectionEnabled": True, "Other": False}, "--deletion-protection-enabled --no-other"),
        ({"Spec": {"Enabled": True, "Days": 35}}, "--spec Enabled=true,Days=35"),
        ({"Spec": {"Name": "a,b=c"}}, """--spec '{"Name":"a,b=c"}'"""),
        ({"Names": ["a", "b"]}, "--names a b"),
        ({"Names": ["a b"]}, """--names '["a b"]'"""),
        ({"Names": [], "OKActions": ["t"]}, "--ok-actions t"),
    ],
)
def test_parameters_are_options(parameters: dict[str, object], options: str) -> None:
    assert rendered(Call("sqs", "CreateQueue", parameters, "eu-west-1")) == (
        f"aws sqs create-queue --region eu-west-1 {options}"
    )


@pytest.mark.parametrize("name", ["--debug", "file:///etc/passwd", "fileb://x"])
def test_a_name_that_the_cli_would_take_for_something_else_is_json(name: str) -> None:
    *_, option, value = shlex.split(rendered(Call("cloudwatch", "DeleteAlarms", {"AlarmNames": [name]}, "")))
    assert (option, json.loads(value)) == ("--cli-input-json", {"AlarmNames": [name]})


@pytest.mark.parametrize("columns", [40, 80, 100])
@pytest.mark.parametrize("text", sorted({check.fix for rule in ASKED for check in rule.checks}))
def test_a_broken_command_is_the_same_command(text: str, columns: int) -> None:
    broken = lines(text, columns)
    assert shlex.split("\n".join(broken).replace("\\\n", "")) == shlex.split(text)
    assert all(len(line) <= columns or len(shlex.split(line.removesuffix("\\"))) == 1 for line in broken)


def test_a_command_that_needs_more_than_three_lines_does_not_fit() -> None:
    assert fits("aws sqs create-queue --name " + "x" * 60 + " --other " + "y" * 60)
    assert not fits("aws " + " ".join(f"--option-{number} value" for number in range(20)))
    assert not fits("aws --json '" + "x" * 300 + "'")
