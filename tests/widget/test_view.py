"""What is drawn says what is stored: never stale as fresh, never blind as healthy, and nothing but text."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.model import Severity, Status
from readiness.widget.standing import Item, ItemFinding, ItemWaiver, StoredChecklist, Unseen
from readiness.widget.view import page
from tests.fixed_rules import RULES
from tests.widget.samples import (
    BAD,
    BLIND,
    FRAME,
    FUNCTION,
    GOOD,
    NOT_YET,
    NOW,
    PITR_OFF,
    SEEN,
    VARIABLES,
    WAIVED,
    finding,
    item,
    passing,
)

VOID = {"br"}


class Drawn(HTMLParser):
    """The elements of a page in order, their attributes, and the text of each class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        classes = " ".join(name for _, name in self.open)
        self.texts.append((classes, data))

    def of(self, name: str) -> list[str]:
        """The texts inside elements of the class."""
        return [text for classes, text in self.texts if name in classes.split()]

    @property
    def text(self) -> str:
        return " ".join(text for classes, text in self.texts if classes)


def table(*items: Item, age: timedelta = timedelta(minutes=3)) -> StoredChecklist:
    return StoredChecklist("babesclub-commerce", NOW - age, items)


def drawn(*tables: StoredChecklist | Unseen) -> Drawn:
    return Drawn(page(tables, FRAME))


def late(standing: StoredChecklist) -> int:
    """Seconds until it goes stale by itself."""
    (seconds,) = re.findall(r"--late:(\d+)s", page([standing], FRAME))
    return int(seconds)


def test_an_item_says_what_it_is_since_when_who_owns_it_and_the_worst_that_was_found() -> None:
    text = drawn(table(PITR_OFF)).text
    for part in (
        "1.4 PITR",
        "PITR is disabled, and 1 more",
        "since 2026-11-23 20:15 UTC",
        "data-platform@example.com",
    ):
        assert part in text


def test_the_remedy_folds_out() -> None:
    html = page([table(PITR_OFF)], FRAME)
    _, _, folded = html.partition("</summary>")
    assert "aws dynamodb update-continuous-backups" in folded
    assert "aws dynamodb update-continuous-backups" not in html.removesuffix(folded)


def test_an_item_that_passes_is_a_line_that_does_not_fold() -> None:
    assert "details" not in drawn(table(passing("ttl-enabled"))).tags


def test_the_worst_is_named_whatever_comes_first() -> None:
    low = finding("window", Status.FAIL, "the window is short", severity=Severity.LOW)
    high = finding("on", Status.FAIL, "it is off", severity=Severity.CRITICAL)
    assert drawn(table(item("pitr-enabled", Status.FAIL, low, high))).of("rdns-found") == ["it is off, and 1 more"]


def test_an_unowned_item_says_so() -> None:
    assert "no owner" in drawn(table(VARIABLES)).text


def test_what_is_said_of_many_places_is_said_once() -> None:
    (said,) = [text for text in drawn(table(VARIABLES)).of("rdns-more") if "COMMERCE_TABLE" in text]
    names = ", ".join(f"babesclub-{name}:7" for name in ("cart", "checkout", "coupon", "quote", "session"))
    assert said.strip() == f"{names} and 2 more: COMMERCE_TABLE is missing, expected babesclub-commerce"


def test_what_there_is_no_room_for_is_counted() -> None:
    many = [finding(f"check-{n}", Status.FAIL, f"problem {n}", resource=f"{FUNCTION}{n}") for n in range(20)]
    text = drawn(table(item("env-vars-set", Status.FAIL, *many, finding_count=70))).text
    assert "and 69 more" in text
    assert "and 62 more; run `readiness check` to see all" in text


@pytest.mark.parametrize(
    ("age", "said"),
    [
        pytest.param(timedelta(seconds=20), "as of less than a minute ago", id="just now"),
        pytest.param(timedelta(minutes=3), "as of 3 min ago", id="a few minutes"),
        pytest.param(timedelta(hours=26), "as of 1 d 2 h ago", id="more than a day"),
        pytest.param(-timedelta(minutes=5), "5 min ahead of the current time", id="a clock that is wrong"),
    ],
)
def test_the_age_of_what_is_drawn_is_said(age: timedelta, said: str) -> None:
    assert said in drawn(table(passing("ttl-enabled"), age=age)).text


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        pytest.param(timedelta(), 900, id="what is new goes stale after three intervals"),
        pytest.param(timedelta(minutes=3), 720, id="what is older sooner"),
        pytest.param(timedelta(minutes=15), 0, id="what is three intervals old is stale at once"),
        pytest.param(timedelta(days=3), 0, id="and what is older"),
        pytest.param(-timedelta(seconds=30), 930, id="clocks may differ a little"),
        pytest.param(-timedelta(minutes=5), 0, id="what comes from the future is of no known age"),
    ],
)
def test_what_is_drawn_goes_stale_by_itself(age: timedelta, seconds: int) -> None:
    standing = table(passing("ttl-enabled"), age=age)
    assert late(standing) == seconds
    assert "STALE: last run at" in page([standing], FRAME)


def test_every_status_that_goes_stale_becomes_one_that_was() -> None:
    html = page([BAD], FRAME)
    assert html.count('<span class="rdns-was">was </span>') == len(BAD.items)


def test_blindness_is_no_health() -> None:
    seen = drawn(table(BLIND))
    assert seen.of("rdns-count") == ["1 UNKNOWN"]
    assert "not completely read since 2026-11-24 01:15 UTC, last known WARN" in seen.text
    assert "dynamodb:DescribeTimeToLive" in seen.text


def test_an_item_that_passes_and_is_not_all_seen_looks_like_no_other_that_passes() -> None:
    html = page([table(msgspec.structs.replace(passing("ttl-enabled"), blind_since=SEEN))], FRAME)
    assert 'class="rdns-item rdns-pass rdns-blind"' in html
    assert "not completely read since 2026-11-24 03:12 UTC" in html


def test_a_waived_item_still_fails_and_says_who_accepted_it_until_when() -> None:
    seen = drawn(table(WAIVED))
    assert seen.of("rdns-count") == ["1 FAIL (1 waived)"]
    assert "waived until 2027-01-31 00:00 UTC by maria: the key moves with the account in January" in seen.text


def test_a_waiver_that_has_ended_meanwhile_covers_nothing() -> None:
    ended = tuple(msgspec.structs.replace(waiver, until=NOW) for waiver in WAIVED.waivers)
    assert "waived" not in drawn(table(msgspec.structs.replace(WAIVED, waivers=ended))).text


def test_a_waiver_of_one_resource_does_not_cover_the_others() -> None:
    waiver = ItemWaiver("env-vars-set/variable", "maria", "it goes", NOW + timedelta(days=1), f"{FUNCTION}cart:7")
    seen = drawn(table(msgspec.structs.replace(VARIABLES, waivers=(waiver,))))
    assert seen.of("rdns-count") == ["1 FAIL"]
    assert "partly waived until" in seen.text


def test_an_item_whose_failures_are_not_all_stored_is_not_wholly_waived() -> None:
    more = msgspec.structs.replace(WAIVED, finding_count=70)
    assert drawn(table(more)).of("rdns-count") == ["1 FAIL"]


def test_items_are_counted_the_worst_first() -> None:
    assert "".join(drawn(BAD).of("rdns-count")).startswith("3 FAIL (1 waived)1 UNKNOWN1 WARN")


def test_a_pause_is_said() -> None:
    assert "Alerts are paused" in drawn(replace(GOOD, paused=True)).text
    assert "Alerts are paused" not in drawn(GOOD).text


def test_every_table_is_drawn_those_that_can_not_be_seen_too() -> None:
    seen = drawn(BAD, GOOD, NOT_YET)
    assert seen.of("rdns-name") == ["babesclub-commerce", "babesclub-commerce-eu", "babesclub-staging"]
    assert "the monitor has not completed a run" in seen.text
    assert "".join(seen.of("rdns-count")).endswith(f"{len(RULES)} PASS"), "what can't be seen counts nothing"


def test_the_monitor_itself_is_shown_and_counts_for_no_item() -> None:
    seen = drawn(GOOD)
    assert seen.of("rdns-own") == ["The monitor itself"]
    assert seen.of("rdns-title")[-1] == "MON Change events"
    assert seen.of("rdns-count") == [f"{len(RULES)} PASS"]
    assert drawn(BAD).of("rdns-own") == []


def test_what_can_not_be_seen_is_unknown() -> None:
    assert "rdns-pass" not in Drawn(page([NOT_YET], FRAME)).text
    assert drawn(NOT_YET).of("rdns-unknown") == ["UNKNOWN"]


def test_without_tables_the_reason_is_drawn() -> None:
    assert (
        "checklist.toml: is not TOML" in Drawn(page([Unseen("Readiness", "checklist.toml: is not TOML")], FRAME)).text
    )


@pytest.mark.parametrize(("dark", "name"), [(True, "rdns-dark"), (False, "rdns-light")])
def test_both_themes_are_drawn(*, dark: bool, name: str) -> None:
    assert f'class="rdns {name}"' in page([GOOD], replace(FRAME, dark=dark))


@pytest.mark.parametrize("runbook", ["", "javascript:alert(1)", "wiki"])
def test_only_an_address_of_the_web_is_linked(runbook: str) -> None:
    assert "a" not in Drawn(page([GOOD], replace(FRAME, runbook=runbook))).tags


def test_nothing_is_drawn_that_cloudwatch_would_strip() -> None:
    seen = drawn(BAD, GOOD, NOT_YET)
    assert not {"script", "iframe", "use", "object", "embed", "form"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert not [value for _, value in seen.attributes if "javascript:" in value]


def hostile(text: str) -> StoredChecklist:
    """A table in which everything that somebody else wrote is that text."""
    bad = ItemFinding(
        text, f"arn:aws:lambda:us-east-1:123456789012:function:{text}", Status.FAIL, Severity.LOW, text, text
    )
    waiver = ItemWaiver(f"pitr-enabled/{text}", text, text, NOW + timedelta(days=1))
    worst = Item("pitr-enabled", Status.FAIL, Status.FAIL, text, text, owner=text, waivers=(waiver,), findings=(bad,))
    return StoredChecklist(text, SEEN, (msgspec.structs.replace(worst, finding_count=1),))


@given(
    st.text(min_size=1)
    | st.sampled_from(["<script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "&lt;", "{}", "%s"])
)
def test_whatever_is_stored_is_text(text: str) -> None:
    seen, usual = Drawn(page([hostile(text)], FRAME)), Drawn(page([hostile("x")], FRAME))
    assert seen.tags == usual.tags
    assert [name for name, _ in seen.attributes] == [name for name, _ in usual.attributes]
