"""What is printed as the remedy of a role that may too much, or too little, mends that role."""

import json
import shutil
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from readiness.checklist import FunctionSettings
from readiness.facts.recorded import manifest
from readiness.state.people import Manifest
from readiness.state.store import words
from tests.aws import shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.cli import repositories
from tests.remedies.patient import Patient
from tests.rules.manifests import current

FUNCTION = "babesclub-cart"
ROLE = f"{FUNCTION}-role"
FILE = f"config/iam/{FUNCTION}.json"
STRANGER = "111122223333"
OTHER_LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/other:*"


@pytest.fixture
def employed(patient: Patient) -> Patient:
    """A function works on the table, and its role may do what it needs and no more."""
    queue = shop.dead_letters(patient.client)
    shop.function(patient.client, FUNCTION, shop.runtime_role(patient.client, FUNCTION, queue))
    shop.log_group(patient.client, FUNCTION)
    return patient


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto have the policies that AWS manages."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


def grant(patient: Patient, name: str, *statements: dict[str, Any]) -> None:
    """Give the role a policy of its own."""
    document = json.dumps(shop.document(*statements))
    patient.client("iam").put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=document)


def record(patient: Patient, **other: Any) -> None:
    """What the repository says of the table is recorded."""
    world = patient.world
    content = manifest.written(replace(current(world.now), **other))
    said = Manifest(by="maria", at=world.now, table_id=world.table_id, content=content)
    words.say(world.store.rows, said)


def write(patient: Patient) -> None:
    """The reviewed policy is in the repository."""
    document = json.dumps(shop.document(*shop.runtime(FUNCTION)))
    repositories.write(patient.shell.folder, **{FILE: document.replace(ACCOUNT, "ACCOUNT").replace(REGION, "REGION")})


def own_policies(patient: Patient) -> set[str]:
    return set(patient.client("iam").list_role_policies(RoleName=ROLE)["PolicyNames"])


def test_functions_that_nobody_knew_are_listed_for_whoever_names_them(patient: Patient) -> None:
    patient.world.settings = structs.replace(
        patient.world.settings, functions=FunctionSettings(name_patterns=("shop-*",))
    )
    role = shop.role(patient.client, "orders-role", shop.allow(["dynamodb:GetItem"], ARN))
    shop.function(patient.client, "orders", role, Environment={"Variables": {}})
    [found] = patient.bad("iam-least-privilege/functions")
    assert "orders" in patient.shell.type(found.remedy.command)
    named = FunctionSettings(names=("orders",))
    patient.world.settings = structs.replace(patient.world.settings, functions=named)
    patient.content("iam-least-privilege/functions")


def test_rights_that_go_too_far_are_taken_away_and_what_is_needed_stays(employed: Patient) -> None:
    broken = {
        "scope": shop.allow(["dynamodb:GetItem"], "*"),
        "administration": shop.allow(["dynamodb:DeleteTable"], ARN),
        "actions": shop.allow(["dynamodb:Scan"], ARN),
        "escalation": shop.allow(["iam:PutRolePolicy"], "*"),
        "log-groups": shop.allow(["logs:PutLogEvents"], OTHER_LOGS),
    }
    grant(employed, "too-much", *broken.values())
    employed.heal("iam-least-privilege/scope")
    employed.heal("iam-least-privilege/administration")
    employed.heal("iam-least-privilege/escalation")
    employed.heal("iam-least-privilege/log-groups")
    assert "too-much" in own_policies(employed)
    employed.content("iam-least-privilege/logging")


def test_a_scan_that_no_function_needs_is_taken_away(employed: Patient) -> None:
    grant(employed, "too-much", shop.allow(["dynamodb:Scan"], ARN))
    employed.heal("iam-least-privilege/actions")


def test_a_role_that_can_write_rows_of_the_monitor_or_read_its_key_is_denied_both(employed: Patient) -> None:
    grant(employed, "runtime", *shop.runtime(FUNCTION)[:-1], shop.allow(["ssm:Get*"], "*"))
    employed.heal("iam-least-privilege/own-rows")
    assert own_policies(employed) == {"runtime", f"{TABLE}-no-monitor-rows"}
    employed.content("iam-least-privilege/actions")


def test_a_role_that_may_not_log_or_trusts_everybody(employed: Patient) -> None:
    grant(employed, "runtime", shop.allow(["dynamodb:GetItem"], ARN))
    employed.heal("iam-least-privilege/logging")
    trust = json.dumps(shop.document({**shop.TRUSTS_LAMBDA, "Principal": "*"}))
    employed.client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust)
    employed.heal("iam-least-privilege/trust")


def test_a_role_that_is_gone_is_made_again_with_its_path(patient: Patient) -> None:
    """Where a path may hold what a shell would run."""
    path = "/shop'$(touch${IFS}ran)/"
    trust = json.dumps(shop.document(shop.TRUSTS_LAMBDA))
    made = patient.client("iam").create_role(Path=path, RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]
    shop.function(patient.client, FUNCTION, made["Arn"])
    patient.client("iam").delete_role(RoleName=ROLE)
    patient.heal("iam-least-privilege/exists")
    assert patient.client("iam").get_role(RoleName=ROLE)["Role"]["Arn"] == made["Arn"]
    assert not (patient.shell.folder / "ran").exists()


@pytest.mark.usefixtures("managed")
def test_a_policy_that_aws_wrote_for_administrators_is_detached_and_what_is_needed_is_granted(
    employed: Patient,
) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    employed.client("iam").attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    employed.heal("iam-least-privilege/managed-policies")
    employed.content("iam-least-privilege/actions")


def statement(sid: str, account: str, action: str, effect: str = "Allow") -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Sid": sid, "Effect": effect, "Principal": principal, "Action": action, "Resource": ARN}


def test_a_table_policy_that_lets_in_a_stranger_alone_is_saved_and_taken_away(patient: Patient) -> None:
    policy = shop.document(statement("theirs", STRANGER, "dynamodb:GetItem"))
    patient.client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=json.dumps(policy))
    patient.heal("iam-least-privilege/resource-policy")
    assert json.loads((patient.shell.folder / "resource-policy.json").read_text()) == policy


def test_of_a_table_policy_that_protects_too_a_person_takes_out_the_stranger(patient: Patient) -> None:
    deny = statement("kept", ACCOUNT, "dynamodb:DeleteTable", "Deny")
    policy = shop.document(statement("theirs", STRANGER, "dynamodb:GetItem"), deny)
    patient.client("dynamodb").put_resource_policy(ResourceArn=ARN, Policy=json.dumps(policy))
    patient.edit("""jq 'del(.Statement[] | select(.Sid == "theirs"))' "$1" > new && mv new "$1" """)
    patient.heal("iam-least-privilege/resource-policy")
    kept = patient.client("dynamodb").get_resource_policy(ResourceArn=ARN)["Policy"]
    assert json.loads(kept)["Statement"] == [deny]
    assert json.loads((patient.shell.folder / "former-policy.json").read_text()) == policy


def test_a_policy_that_nobody_reviewed_is_written_down_and_recorded(employed: Patient) -> None:
    record(employed, policies=())
    repositories.checkout(employed.shell.folder)
    shutil.rmtree(employed.shell.folder / "config")
    who: dict[str, Any] = {
        f"GIT_{role}_{key}": name for role in ("AUTHOR", "COMMITTER") for key, name in repositories.NAMES.items()
    }
    employed.heal("iam-least-privilege/reviewed", answer="y\n", **who)
    assert repositories.git(employed.shell.folder, "log", "--format=%s", FILE) == "Review a policy"


def test_a_role_that_may_more_than_was_reviewed_is_held_to_it(employed: Patient) -> None:
    record(employed)
    write(employed)
    more = shop.document(shop.allow(["s3:GetObject"], "arn:aws:s3:::invoices/*"))
    iam = employed.client("iam")
    attached = iam.create_policy(PolicyName="invoices", PolicyDocument=json.dumps(more))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=attached)
    for name in ("first", "second"):
        grant(employed, name, shop.allow(["ses:SendEmail"], "*"))
    employed.heal("iam-least-privilege/as-reviewed")
    assert own_policies(employed) == {"first", "runtime"}
    assert iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"] == []


def test_a_role_that_may_less_than_was_reviewed_gets_what_is_missing(employed: Patient) -> None:
    record(employed)
    write(employed)
    grant(employed, "runtime", *shop.runtime(FUNCTION)[1:])
    employed.heal("iam-least-privilege/as-reviewed")
