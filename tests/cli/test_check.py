"""What `readiness check` says of an account, and the code it ends with."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness.report.content import ITEMS
from tests.aws import backups
from tests.cli.world import BAD, GOOD, World, reads, recorded, refusing, tables
from tests.fixed_rules import RULES

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())


def fine(finding: Any) -> bool:
    return finding["status"] in {"PASS", "NOT_APPLICABLE"}


def test_a_good_table_passes(good: World) -> None:
    ended = good.check()
    assert ended.code == 0
    assert ended.err == ""
    jsonschema.validate(ended.report, SCHEMA)
    assert ended.table["status"] == "WARN"
    failing = [
        (rule["id"], found["check"]) for rule in ended.table["rules"] for found in rule["findings"] if not fine(found)
    ]
    assert failing == [("documentation-current", "sampled")], "no items are looked at unless the checklist says so"
    assert ended.table["table_id"] == good.table_id()
    assert (ended.table["account"], ended.table["region"]) == ("123456789012", "us-east-1")


def test_the_report_is_what_is_promised_to_programs(world: World) -> None:
    world.bad_table()
    ended = world.check(table=BAD)
    assert ended.code == 1
    jsonschema.validate(ended.report, SCHEMA)
    assert ended.report["schema"] == "readiness.report/1"
    assert {"table", "table_id", "account", "region", "observed_at", "checklist_digest"} <= set(ended.table)
    rule = ended.rule("pitr-enabled")
    assert set(rule) == {
        *("id", "item", "title", "status", "unwaived", "severity", "owner", "since", "findings", "reference"),
        "attestations",
    }
    assert (rule["item"], rule["status"], rule["severity"], rule["owner"]) == ("1.4", "FAIL", "CRITICAL", None)
    on = next(finding for finding in rule["findings"] if finding["check"] == "on")
    assert set(on) == {
        *("check", "status", "resource", "message", "evidence", "severity"),
        *("reason", "permission", "remediation", "waiver", "acknowledgement", "controls", "as_of"),
    }
    assert on["evidence"] == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert on["remediation"].startswith("aws dynamodb update-continuous-backups ")
    assert f" --table-name {BAD} " in on["remediation"]


def test_counts_add_up_to_the_items(world: World) -> None:
    world.good_table()
    world.functions()
    world.drills()
    world.documented()
    world.recovery(on=False)
    world.unprotect()
    with refusing("DescribeTimeToLive"):
        ended = world.check()
    counts = ended.table["counts"]
    good = len(RULES) - 4
    assert counts == {"PASS": good, "WARN": 1, "UNKNOWN": 1, "FAIL": 2, "NOT_APPLICABLE": 0, "WAIVED": 0}
    assert sum(count for status, count in counts.items() if status != "WAIVED") == len(ended.table["rules"])


def test_what_could_not_be_read_is_unknown_and_names_the_permission(good: World) -> None:
    with refusing("DescribeTimeToLive"):
        ended = good.check()
    assert ended.code == 3
    on = ended.rule("ttl-enabled")["findings"][0]
    assert (on["status"], on["reason"], on["permission"]) == ("UNKNOWN", "ACCESS_DENIED", "dynamodb:DescribeTimeToLive")


def test_what_only_an_advisory_check_could_not_read_does_not_make_the_item_unknown(good: World) -> None:
    with refusing("DescribeScalableTargets"):
        ended = good.check()
    assert ended.code == 0
    rule = ended.rule("billing-on-demand")
    assert rule["status"] == "PASS"
    assert "UNKNOWN" in {finding["status"] for finding in rule["findings"]}


def test_a_failure_counts_more_than_what_is_unknown(good: World) -> None:
    good.recovery(on=False)
    with refusing("DescribeTimeToLive"):
        assert good.check("--require-complete").code == 1


def test_a_warning_fails_only_when_asked_to(good: World) -> None:
    good.unprotect()
    assert good.check().code == 0
    assert good.check("--fail-on", "warn").code == 1


def test_what_is_not_complete_fails_only_when_asked_to(good: World) -> None:
    ended = good.check("--require-complete")
    assert ended.code == 5
    assert not ended.table["complete"]
    assert "1.1: no owner" in ended.table["incomplete"]
    assert "5.3: no owner" in ended.table["incomplete"]


def test_only_the_rules_asked_for_are_judged(good: World) -> None:
    ended = good.check("--rule", "ttl-enabled", "--rule", "billing-on-demand")
    assert [rule["id"] for rule in ended.table["rules"]] == ["billing-on-demand", "ttl-enabled"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("pitr-enabeld", "Did you mean pitr-enabled?"), ("x", "expected an item such as 1.4")],
    ids=["nearly right", "quite wrong"],
)
def test_a_rule_that_does_not_exist_is_not_passed_over(good: World, typed: str, said: str) -> None:
    ended = good.check("--rule", typed)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_table_that_does_not_exist_fails_and_the_nearest_are_named(good: World) -> None:
    good.bad_table()
    ended = good.check(table="babesclub-comerce")
    assert ended.code == 1
    jsonschema.validate(ended.report, SCHEMA)
    assert ended.table["nearest_tables"][0] == GOOD
    assert ended.table["exists"] is False
    assert ended.table["table_id"] is None
    assert {rule["status"] for rule in ended.table["rules"]} == {"FAIL"}
    assert "the table does not exist" in ended.table["incomplete"]


def test_several_tables_are_one_report_and_the_worst_gives_the_code(good: World) -> None:
    good.bad_table()
    config = good.checklist(tables(GOOD, BAD))
    ended = good.type("check", "--config", config, "--format", "json")
    assert ended.code == 1
    assert [(table["table"], table["status"]) for table in ended.report["tables"]] == [(GOOD, "WARN"), (BAD, "FAIL")]
    assert good.type("check", "--config", config, "--table", GOOD).code == 0


def test_the_report_goes_into_a_file_and_nowhere_else(good: World) -> None:
    path = good.folder / "report.json"
    ended = good.check("--output", str(path))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    jsonschema.validate(json.loads(path.read_text()), SCHEMA)


def test_each_output_is_in_the_format_of_its_suffix_and_stdout_in_another(good: World) -> None:
    text, json_file = good.folder / "report.TXT", good.folder / "report.json"
    ended = good.type("check", "--table", GOOD, "--output", str(json_file), "--output", str(text))
    jsonschema.validate(json.loads(json_file.read_text()), SCHEMA)
    assert text.read_text().startswith(f"{GOOD}   ")
    assert ended.out == "", "the text is in a file"
    assert good.type("check", "--table", GOOD, "--output", str(json_file)).out.startswith(f"{GOOD}   ")


def test_a_file_without_a_suffix_has_the_format_that_is_named(good: World) -> None:
    path = good.folder / "report"
    assert good.check("--output", str(path)).out == ""
    jsonschema.validate(json.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--output", "report.pdf"), "report.pdf: the suffix names no format, expected .txt, .json"),
        (("--output", "json"), "or use --format"),
        (("--format", "json", "--output", "a.json", "--output", "b.html"), "b.html: the suffix names the format html"),
    ],
    ids=["unknown", "missing", "of another format"],
)
def test_a_file_whose_format_is_not_clear_is_refused_before_anything_is_read(
    world: World, typed: tuple[str, ...], said: str
) -> None:
    calls: list[str] = []
    with recorded(calls):
        ended = world.type("check", *typed)
    assert (ended.code, ended.out, calls) == (2, "", [])
    assert said in ended.err


@pytest.mark.parametrize("option", ["--output", "--save-snapshot"])
def test_a_file_that_can_not_be_written_is_said_in_a_line(good: World, option: str) -> None:
    ended = good.check(option, str(good.folder / "missing" / "file.json"))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "No such file or directory" in ended.err


def test_nothing_is_written_anywhere(good: World) -> None:
    calls: list[str] = []
    with recorded(calls):
        good.check()
        good.check(table="missing")
    assert reads(calls), calls
    assert good.rows() == []
    assert good.client("ssm").describe_parameters()["Parameters"] == []


def test_owners_of_the_file_and_of_the_table_are_shown_and_the_table_wins(good: World) -> None:
    config = good.checklist('[owners]\ndefault = "platform"\nttl-enabled = "carts"\n')
    good.owned("pitr-enabled", "data")
    ended = good.check("--config", config)
    owners = {rule["id"]: rule["owner"] for rule in ended.table["rules"]}
    assert owners == {
        **{rule.id: "platform" for rule in RULES},
        "ttl-enabled": "carts",
        "pitr-enabled": "data",
    }
    assert not [entry for entry in ended.table["incomplete"] if "owner" in entry]


def test_memory_that_can_not_be_read_leaves_a_report_without_owners(good: World) -> None:
    config = good.checklist(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    with refusing("Query"):
        ended = good.check("--config", config)
    assert ended.code == 3
    unread = {rule["id"] for rule in ended.table["rules"] if rule["status"] == "UNKNOWN"}
    attested = {"restore-drilled", "load-tested", "alarms-wired"}
    recorded = {"env-vars-set", "iam-least-privilege", "documentation-current"}
    assert unread == attested | recorded, "what people attest, and the manifest, are kept there too"
    found = {finding["check"]: finding["permission"] for finding in ended.rule("documentation-current")["findings"]}
    assert found["recorded"] == "dynamodb:Query"
    assert {rule["owner"] for rule in ended.table["rules"]} == {None}
    assert not ended.table["complete"]
    assert "owners and waivers could not be read" in ended.table["incomplete"]


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        pytest.param("aws_backup", "PASS", id="a plan backs it up"),
        pytest.param("on_demand", "WARN", id="a backup was made, and nobody sees to the next"),
    ],
)
def test_a_table_that_is_backed_up_as_was_decided(good: World, mode: str, status: str) -> None:
    backups.furnish(good.client)
    good.client("dynamodb").create_backup(TableName=GOOD, BackupName="by-hand")
    ended = good.check("--config", good.checklist(tables(GOOD, mode=mode)))
    assert (ended.code, ended.rule("backups-scheduled")["status"]) == (0, status)


def test_nobody_decided_how_it_is_backed_up(good: World) -> None:
    ended = good.type("check", "--table", GOOD, "--format", "json")
    assert ended.code == 1
    decided = ended.rule("backups-scheduled")["findings"][0]
    assert (decided["check"], decided["status"]) == ("decided", "FAIL")
    assert decided["remediation"] == f"readiness fix backups-scheduled/decided --table {GOOD}"


def test_a_waived_failure_is_shown_and_does_not_fail(good: World) -> None:
    good.recovery(on=False)
    good.waived("pitr-enabled/on")
    good.waived("backups-scheduled/recoverable")
    ended = good.check()
    assert ended.code == 0
    assert ended.table["status"] == "FAIL"
    assert (ended.table["counts"]["FAIL"], ended.table["counts"]["WAIVED"]) == (2, 2)
    waiver = ended.rule("pitr-enabled")["findings"][0]["waiver"]
    assert (waiver["by"], waiver["reason"]) == ("maria", "moving house")


@pytest.mark.parametrize(
    "waived",
    [
        {"check": "pitr-enabled/on", "ends": timedelta(seconds=-1)},
        {"check": "pitr-enabled/on", "resource": "arn:aws:dynamodb:us-east-1:123456789012:table/another"},
        {"check": "pitr-enabled/window"},
    ],
    ids=["one that has ended", "one for another resource", "one for another check"],
)
def test_a_waiver_covers_nothing_else(good: World, waived: dict[str, str]) -> None:
    good.recovery(on=False)
    good.waived(**waived)  # type: ignore[arg-type]
    ended = good.check()
    assert ended.code == 1
    assert ended.table["counts"]["WAIVED"] == 0


def test_a_waiver_does_not_hide_what_else_the_item_lacks(good: World) -> None:
    good.recovery(on=False)
    good.unprotect()
    good.waived("pitr-enabled/on")
    rule = good.check().rule("pitr-enabled")
    assert (rule["status"], rule["unwaived"]) == ("FAIL", "WARN")
    assert good.check("--fail-on", "warn").code == 1


def test_a_warning_can_be_waived(good: World) -> None:
    good.unprotect()
    good.waived("pitr-enabled/deletion-protection")
    good.waived("documentation-current/sampled")
    assert good.check("--fail-on", "warn").code == 0


def test_what_is_unknown_can_not_be_waived(good: World) -> None:
    for check in ("on", "attribute", "canary"):
        good.waived(f"ttl-enabled/{check}")
    with refusing("DescribeTimeToLive"):
        assert good.check().code == 3


def test_what_somebody_has_edited_beyond_recognition_is_not_passed_over(good: World) -> None:
    good.owned("pitr-enabled", "data")
    (row,) = good.rows()
    good.client("dynamodb").put_item(TableName=GOOD, Item={**row, "owner": {"N": "1"}})
    ended = good.check()
    assert ended.rule("pitr-enabled")["owner"] is None
    assert f"item {row['SK']['S']} is not in the format of Readiness" in ended.table["incomplete"]


@pytest.mark.parametrize("named", ["STATE", "the owner"])
def test_what_a_later_release_wrote_or_somebody_forged_is_named(good: World, named: str) -> None:
    """`check` does not read the key, so it cannot tell a forged row from one of a later release."""
    good.owned("pitr-enabled", "data")
    (row,) = good.rows()
    if named == "STATE":
        row = {name: row[name] for name in ("PK", "SK")} | {"SK": {"S": "STATE"}}
    good.client("dynamodb").put_item(TableName=GOOD, Item={**row, "schema": {"N": "999"}})
    ended = good.check()
    said = f"item {row['SK']['S']} has the schema of a later release and is not used"
    assert [each for each in ended.table["incomplete"] if each.startswith(said)]
    unrecorded = "no run has recorded results of this table"
    assert (unrecorded in ended.table["incomplete"]) is (named != "STATE")


def test_a_checklist_that_wants_more_fails_more(good: World) -> None:
    good.unprotect()
    config = good.checklist(f'[[tables]]\nname = "{GOOD}"\ndeletion_protection = "fail"\n')
    assert good.check("--config", config).code == 1


def test_a_report_shows_it_beside_the_items(good: World) -> None:
    ended = good.check()
    (own,) = ended.table["monitor"]
    assert (own["id"], own["item"], own["status"]) == ("change-events-arrive", "MON", "FAIL")
    assert (ended.code, ended.table["status"]) == (0, "WARN")
    assert sum(count for name, count in ended.table["counts"].items() if name != "WAIVED") == len(RULES)
    assert "MON" not in ITEMS
    text = good.type("check", "--table", ended.table["table"])
    assert "\nx MON  Change events " in text.out
