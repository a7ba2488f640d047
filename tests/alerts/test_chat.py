"""What Slack and Teams show, to be looked at in `golden/`. READINESS_GOLDEN=write writes it anew.

The form is AWS's: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate
from msgspec.structs import replace

from readiness.alerts import compose as alert
from readiness.alerts.alert import Alert
from readiness.alerts.chat import MORE
from readiness.alerts.merge import merged
from readiness.checklist import OnCall
from readiness.model import Message, Status
from readiness.state.drift import EventKind
from tests.alerts.samples import (
    FUNCTION,
    GOLDEN,
    NOW,
    PITR_OFF,
    PLACE,
    RULES,
    blind,
    difference,
    environment,
    event,
    known,
    news,
    off,
    pitr,
    recovered,
    ttl_moved,
)

FOLDER = Path(__file__).parent / "golden"
CHAT = replace(PLACE, chat=True)

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
SCHEMA = {
    "type": "object",
    "required": ["version", "source", "content"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "1.0"},
        "source": {"const": "custom"},
        "id": TEXT,
        "content": {
            "type": "object",
            "required": ["description"],
            "additionalProperties": False,
            "properties": {
                "textType": {"const": "client-markdown"},
                "title": {**TEXT, "maxLength": 99},
                "description": {**TEXT, "maxLength": 3000},
                "nextSteps": {**TEXTS, "maxItems": 3},
                "keywords": {**TEXTS, "maxItems": 10},
            },
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "summary": TEXT,
                "eventType": TEXT,
                "additionalContext": {"type": "object", "additionalProperties": TEXT},
            },
        },
    },
}


def composed(what: Alert) -> Message:
    message = alert.compose(replace(what, place=CHAT))
    assert message is not None
    return message


def chatted(message: Message) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(message.bodies["https"])
    validate(document, SCHEMA)
    return document


def description(message: Message) -> str:
    text: str = chatted(message)["content"]["description"]
    return text


def messages() -> dict[str, Message]:
    composed_ = {name: composed(what) for name, what in GOLDEN.items()}
    return composed_ | {"test": alert.test_message(CHAT, NOW, RULES, ())}


@pytest.mark.parametrize("name", [*GOLDEN, "test"])
def test_golden_notification_reads_as_it_was_approved(name: str) -> None:
    document = chatted(messages()[name])
    read = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    file = FOLDER / f"{name}.chat.json"
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(read)
    assert read == file.read_text()


def test_no_approved_notification_is_left_over() -> None:
    assert {file.name for file in FOLDER.glob("*.json")} == {f"{name}.chat.json" for name in [*GOLDEN, "test"]}


def test_only_web_hooks_get_it() -> None:
    plain, chat = alert.compose(news(off())), composed(news(off()))
    assert plain is not None
    assert {name for name in chat.bodies if chat.bodies[name] != plain.bodies[name]} == {"https"}


def test_it_says_what_changed_since_when_by_whom_and_whose_it_is() -> None:
    text = description(composed(news(off())))
    for part in (
        "Table babesclub-commerce, account 123456789012, us-east-1",
        f"CRITICAL: {off().subject or off().message}",
        "PASS \N{RIGHTWARDS ARROW} FAIL",
        "since 2026-11-24 03:12:41 UTC (Mon 22:12, America/New_York)",
        "by maria@example.com, signed in with permission set PowerUser",
        "owner data-platform@example.com",
    ):
        assert part in text


def test_the_command_is_a_block_that_can_be_copied() -> None:
    (command,) = [line for line in description(composed(news(off()))).splitlines() if line.startswith("aws ")]
    assert command == off().remedy


def test_what_fails_on_the_first_day_is_no_change() -> None:
    text = description(composed(GOLDEN["first_run"]))
    assert PITR_OFF.message in text
    assert "\N{RIGHTWARDS ARROW}" not in text


def test_what_is_judged_anew_is_not_blamed_on_the_account() -> None:
    assert "not the account" in description(composed(GOLDEN["rejudged"]))


def test_what_can_not_be_seen_names_the_permission() -> None:
    assert "cannot be read: ACCESS_DENIED on dynamodb:DescribeContinuousBackups" in description(composed(news(blind())))


def test_good_news_comes_without_a_command() -> None:
    assert "```" not in description(composed(news(recovered())))


def test_half_of_a_command_is_never_shown() -> None:
    long = replace(off(), remedy="aws " + "x" * 4000)
    assert "aws x" not in description(composed(news(long)))
    assert ttl_moved().remedy in description(composed(news(long, ttl_moved()))), "another that fits is"


@given(st.text())
def test_nobody_is_called_by_what_a_resource_is_named(found: str) -> None:
    for text in (f"<!channel> {found}", f"``` {found}"):
        told = pitr(event(EventKind.REGRESSED, "pitr-enabled/on", difference(None, known(Status.FAIL))), text)
        shown = chatted(composed(news(replace(told, remedy=""))))
        assert "<" not in json.dumps(shown)
        assert "`" not in shown["content"]["title"] + shown["content"]["description"]


def test_an_address_of_the_checklist_adds_no_line_and_calls_nobody() -> None:
    place = replace(CHAT, runbook="https://wiki.example.com/\n[RESOLVED] all is well <!channel>\u202e")
    message = alert.compose(replace(news(off()), place=place))
    assert message is not None
    assert "<" not in " ".join(chatted(message)["content"]["nextSteps"])
    lines = message.bodies["default"].splitlines()
    assert not [each for each in lines if each.startswith("[RESOLVED]") or not each.isprintable()]


def test_a_command_that_the_chat_would_read_as_its_own_is_left_out() -> None:
    told = replace(off(), remedy="aws sns tag-resource --tags Key=a,Value='<!channel>'")
    assert "channel" not in description(composed(news(told)))


def test_a_flood_keeps_to_its_length_and_says_that_there_is_more() -> None:
    moved = difference(None, known(Status.FAIL), f"{FUNCTION}cart")
    one = event(EventKind.REGRESSED, "env-vars-set/variable", moved)
    told = environment(one, {f"{FUNCTION}cart": "the finding goes on and on " * 100})
    text = description(composed(news(*[told] * 60)))
    assert text.count("; owner storefront@example.com\n") == 8, "long words leave room for whose it is"
    assert "... and 52 more" in text


def test_what_waited_for_somebody_to_listen_stays_one_notification() -> None:
    one = merged(merged(composed(news(off())), composed(news(ttl_moved()))), composed(news(recovered())))
    document = chatted(one)
    assert document["content"]["title"] == composed(news(off())).subject
    text = document["content"]["description"]
    subjects = [composed(news(told)).subject.partition(": ")[2] for told in (off(), ttl_moved(), recovered())]
    places = [text.index(subject) for subject in subjects]
    assert places == sorted(places)
    assert set(json.loads(one.bodies["sqs"])) == {"merged"}


def test_however_much_waited_it_keeps_to_its_length() -> None:
    one = composed(news(off()))
    for _ in range(30):
        one = merged(one, composed(news(ttl_moved())))
    assert description(one).count(MORE) == 1
    assert description(one).count("```") % 2 == 0, "every block of code is whole"


def test_the_safe_message_is_one_that_the_chat_shows() -> None:
    safe = alert.safe_message(composed(news(off())))
    assert "SNS rejected an alert" in description(safe)
    assert "https" not in alert.safe_message(Message("an-id/7", "s", {"default": "x", "https": "x"}, {})).bodies


@pytest.mark.parametrize(("chat", "chats"), [("none", False), ("amazon-q", True)])
def test_the_checklist_says_whether_there_is_a_chat(chat: Any, *, chats: bool) -> None:
    on_call = OnCall(chat=chat)
    assert on_call.chats is chats
    assert on_call.digest == OnCall().digest, "how alerts look changes no verdict"
