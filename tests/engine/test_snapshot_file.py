"""What was saved is judged offline exactly as it was live."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.aws.answer import Lacking
from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import TableEvaluation, evaluate
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.staging import Staging
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Gone, Reason, Unavailable, Unreadable
from readiness.report.snapshot_file import SnapshotError, load, save
from readiness.rules import RULES
from tests.rules.facts import description

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
SETTINGS = Settings(tables=(TableSettings(name="one"), TableSettings(name="two")))
AWS = Aws("123456789012", "us-east-1", who="arn:aws:iam::123456789012:user/someone")

WHY = st.builds(Unavailable, st.sampled_from(Reason), st.none() | st.just("dynamodb:DescribeTable"), st.text())
RECOVERIES = st.builds(
    Recovery,
    st.booleans(),
    st.integers(1, 35),
    st.none() | st.just(AT - timedelta(days=3)),
    st.none() | st.just(AT),
)
ANSWERS = st.none() | st.builds(Gone, st.text(min_size=1)) | WHY | RECOVERIES


def offline() -> Snapshot:
    """Every call is refused, for there is no session: all that is pure is answered."""
    given: dict[type, dict[Place, Any]] = {Aws: {ROOT: AWS}, Settings: {ROOT: SETTINGS}, Now: {ROOT: Now(AT)}}
    return collect([check for rule in RULES for check in rule.checks], Past(given))


def judged(snapshot: Snapshot) -> list[TableEvaluation]:
    def defect(_who: str, error: Exception) -> None:
        raise error

    return list(
        evaluate(
            RULES,
            snapshot,
            Table,
            lambda table: {
                "table": table.name,
                "arn": table.arn,
                "account": table.account,
                "region": table.region,
                "ttl_attribute": "expiresAt",
                "window_days": 35,
            },
            defect,
        )
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("snapshots") / "snapshot.json"


@given(answers=st.lists(ANSWERS, min_size=2, max_size=2))
def test_findings_are_the_same_from_the_file(file: Path, answers: list[Recovery | Unavailable | Gone | None]) -> None:
    snapshot = offline()
    snapshot.answers[Recovery] = dict(zip(snapshot.answers[Recovery], answers, strict=True))
    save(snapshot, SETTINGS, file)
    saved = load(file)
    assert judged(saved.snapshot) == judged(snapshot)
    assert (saved.settings, saved.aws, saved.at) == (SETTINGS, AWS, AT)


def test_how_old_an_answer_is_is_known_from_the_file_too(file: Path) -> None:
    snapshot = offline()
    snapshot.as_of = {Recovery: {next(iter(snapshot.answers[Recovery])): AT - timedelta(hours=1)}}
    save(snapshot, SETTINGS, file)
    assert load(file).snapshot.as_of == snapshot.as_of


WHY_NOT = Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", "Table.TableId")


def lacking(**fields: Unavailable | Gone) -> TableDescription:
    whole = {name: getattr(description(), name) for name in TableDescription.__struct_fields__}
    return TableDescription(**{**whole, **{name: Lacking(why) for name, why in fields.items()}})


def kept(file: Path, identity: type, answer: Any) -> Any:
    snapshot = offline()
    snapshot.answers[identity] = dict.fromkeys(snapshot.answers[Recovery], answer)
    save(snapshot, SETTINGS, file)
    return next(iter(load(file).snapshot.answers[identity].values()))


def test_a_field_that_an_answer_lacked_lacks_from_the_file_too(file: Path) -> None:
    found = kept(file, TableDescription, lacking(table_id=WHY_NOT, keys=Gone("the table goes")))
    assert found.status == "ACTIVE"
    with pytest.raises(Unreadable) as unread:
        _ = found.table_id
    assert unread.value.first == WHY_NOT
    with pytest.raises(Gone, match="the table goes"):
        _ = found.keys


def test_so_does_one_of_a_fact_that_another_holds(file: Path) -> None:
    found = kept(file, Staging, Staging("staging", lacking(keys=Gone("the table goes"))))
    assert (found.name, found.description.status) == ("staging", "ACTIVE")
    with pytest.raises(Gone, match="the table goes"):
        _ = found.description.keys


def test_a_file_of_the_first_release_names_the_modules_of_facts_too(file: Path) -> None:
    save(offline(), SETTINGS, file)
    document = json.loads(file.read_text())
    for fact in document["facts"]:
        fact["type"] = f"readiness.facts.somewhere:{fact['type']}"
    file.write_text(json.dumps(document))
    assert judged(load(file).snapshot) == judged(offline())


def broken(**changes: object) -> str:
    whole = {"schema": "readiness.snapshot", "version": 1, "settings": {}, "at": "2026-11-24T03:00:00Z"}
    return json.dumps({**whole, "aws": {"account": "1", "region": "r"}, "facts": [], "carried": [], **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{}", "not a snapshot of Readiness", id="someone else's JSON"),
        pytest.param("[[tables]]", "not a snapshot of Readiness", id="no JSON at all"),
        pytest.param(broken(version=2), "newer release", id="a newer version"),
        pytest.param(
            broken(facts=[{"type": "os:environ", "place": [], "answer": {"absent": True}}]),
            "not a fact of Readiness",
            id="a type that is not ours",
        ),
        pytest.param(
            broken(facts=[{"type": "Verdict", "place": [], "answer": {"absent": True}}]),
            "not a fact of Readiness",
            id="a class of ours that is no fact",
        ),
        pytest.param(
            broken(facts=[{"type": "Recovery", "place": [], "answer": {"value": {}}}]),
            "not in the snapshot format of this release",
            id="a fact without its fields",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "snapshot.json"
    path.write_text(text)
    with pytest.raises(SnapshotError, match=said) as told:
        load(path)
    assert str(told.value).startswith(str(path))
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        load(tmp_path / "nowhere.json")
