"""The service models of the package: whose they are, and what they know."""

import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session
from msgspec import json

from deploy import models
from readiness.aws.client import Caller
from readiness.aws.models import ENDPOINTS, FOLDER, Models
from readiness.report.permissions import operations

SERVICES = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != ENDPOINTS)


def session() -> Session:
    made = Session()
    made.set_credentials("testing", "testing")
    made.register_component("data_loader", Models())
    return made


def test_the_files_are_what_the_installed_botocore_describes(capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(check=True) == 0, capsys.readouterr().err


def test_a_client_knows_the_operations_of_a_run_and_those_of_credentials() -> None:
    caller = Caller(session(), "us-east-1")
    for service, names in operations().items():
        wanted = names | models.CREDENTIALS.get(service, set())
        assert set(caller.client(service).meta.service_model.operation_names) == wanted, service


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_a_client_finds_the_endpoint_that_botocore_finds(region: str) -> None:
    sessions = session(), Session()
    for service in SERVICES:
        ours, theirs = (each.create_client(service, region).meta for each in sessions)
        assert (ours.endpoint_url, ours.partition) == (theirs.endpoint_url, theirs.partition), service
        assert ours.service_model.signing_name == theirs.service_model.signing_name


def test_lists_have_the_paginators_of_botocore() -> None:
    ours, theirs = (each.create_client("lambda", "us-east-1") for each in (session(), Session()))
    names = [xform_name(name) for name in ours.meta.service_model.operation_names]
    assert ours.can_paginate("list_functions")
    assert [ours.can_paginate(name) for name in names] == [theirs.can_paginate(name) for name in names]


def test_the_models_of_other_services_are_those_of_botocore() -> None:
    # Credentials of IAM Identity Center come from these services.
    for service, name in (("sso", "GetRoleCredentials"), ("sso-oidc", "CreateToken")):
        assert name in session().get_service_model(service).operation_names
    with pytest.raises(UnknownServiceError):
        session().get_service_model("nosuch")


def test_the_regions_are_those_of_botocore() -> None:
    ours, theirs = session(), Session()
    assert ours.get_available_partitions() == theirs.get_available_partitions()
    for partition in ours.get_available_partitions():
        assert ours.get_available_regions("sts", partition) == theirs.get_available_regions("sts", partition)


def test_other_data_is_that_of_botocore() -> None:
    assert Models().load_data("partitions") == Loader().load_data("partitions")


def test_a_diff_of_a_model_shows_the_operations_and_shapes_that_changed() -> None:
    text = (FOLDER / "dynamodb.json").read_text(encoding="utf-8")
    assert any(line.startswith('"DescribeTimeToLive":') for line in text.splitlines())
    assert "documentation" not in json.decode(text)["service-2"]["operations"]["DescribeTimeToLive"]
