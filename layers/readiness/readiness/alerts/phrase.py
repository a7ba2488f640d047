"""What happened, in a few words: the subject's, and the first line of each change in the body."""

from readiness.alerts.news import News, Told, Trouble, What
from readiness.alerts.words import ascii_line, clip, counted
from readiness.aws.arn import is_table, short
from readiness.model import Severity, Status
from readiness.state.drift import Dark, Difference, Kind

LIMIT = 99
SHORTEST_NAME = 16

# A verdict says how things are. Where that is a switch, a change of it is a turn of the switch; anything else
# stays as the verdict has it, which is true whatever happened.
TURNED = {" is off": " was turned off", " is on": " was turned on"}

TROUBLES = {
    What.REPLACED: "this table was replaced by another of its name",
    What.DELETED: "this table was deleted",
    What.FORGOTTEN: "our memory in this table was deleted",
    What.UNRECORDED: "what is found can't be recorded",
    What.UNUSABLE: "this table can't be read or written",
}


def subject(label: str, table: str, words: str, more: str = "") -> str:
    """`[LABEL] table: words, more`, in at most 99 ASCII characters. The name gives way first, then the words."""
    name, words, more = ascii_line(table), ascii_line(words), ascii_line(more)
    room = LIMIT - len(f"[{label}] : {more}")
    name = _middle(name, max(SHORTEST_NAME, room - len(words)))
    return f"[{label}] {name}: {clip(words, room - len(name))}{more}"


def label(news: News) -> str:
    """The word in brackets: a severity wherever there is bad news, the worst of it."""
    if news.trouble:
        return news.trouble.what.severity
    bad = news.failing if news.first is not None else tuple(told for told in news.aloud if told.pages)
    kind = news.aloud[0].event.kind if news.aloud else None
    if kind is Kind.OBSCURED:
        return "BLIND"
    if bad:
        return worst(bad)
    return "RESOLVED" if kind in {Kind.RECOVERED, Kind.VISIBLE, Kind.EASED} else "NOTE"


def worst(told: tuple[Told, ...]) -> Severity:
    """The worst severity of the checks that speak; LOW where none does."""
    return max((each.event.severity for each in told), key=lambda severity: severity.rank, default=Severity.LOW)


def headline(news: News) -> tuple[str, str]:
    """What the message is named after, and what is said of the rest."""
    if news.trouble:
        return trouble(news.trouble), ""
    if news.first is not None:
        return watching(news), ""
    if not news.aloud:
        return f"{counted(len(news.retired), 'check')} asked no more", ""
    same = [told for told in news.foremost if told.event.kind is news.aloud[0].event.kind]
    others = len(news.foremost) - 1
    if same[0].event.kind in GROUPED:
        others = len(news.foremost) - len(same)
        words = GROUPED[same[0].event.kind](same)
    else:
        words = happened(same[0])
    return words, f", and {others} more" if others else ""


def trouble(trouble: Trouble) -> str:
    """What happened to the table itself."""
    return TROUBLES[trouble.what]


def watching(news: News) -> str:
    """The first word of a table: how many of its items fail today."""
    items = news.first or {}
    bad, total = items.get(Status.FAIL, 0), sum(items.values())
    if news.unrecorded:
        return f"now watching, {bad} of {total} items do not pass: {apart(bad - news.unrecorded, news.unrecorded)}"
    return f"now watching, {bad or 'none'} of {total} items {'fails' if bad == 1 else 'fail'} today"


def apart(bad: int, unrecorded: int) -> str:
    """How many fail, and how many of them all only because nobody has recorded something yet."""
    fail = f"{bad or 'none'} {'fails' if bad == 1 else 'fail'}"
    return f"{fail}, {unrecorded} not recorded" if unrecorded else fail


def happened(told: Told) -> str:
    """One event in a few words."""
    found = named(told) if told.message else _gone(told)
    item = f"{told.item} ({told.title})"
    match told.event.kind:
        case Kind.REGRESSED | Kind.WORSENED | Kind.RECOVERED | Kind.EASED | Kind.CHANGED:
            found = _moved(told, found)
        case Kind.WAIVER_ENDED:
            found = f"a waiver ended: {found}"
        case Kind.WAIVER_ENDS if told.event.ending:
            found = f"a waiver ends on {told.event.ending.until:%Y-%m-%d}: {found}"
        case Kind.OBSCURED:
            partly = told.event.dark is not None and told.event.dark[1] is Dark.PARTLY
            found = f"can't see all of {item}" if partly else f"can't judge {item}"
        case Kind.VISIBLE:
            found = f"can judge {item} again"
        case Kind.STILL:
            found = f"still so: {found}"
        case Kind.INCIDENT if told.event.incident:
            found = f"{told.event.incident.before}, then {told.event.incident.after}"
        case _:
            pass
    return found


def _moved(told: Told, found: str) -> str:
    """A change of what was there before is a turn of the switch; what may be new just is as it is."""
    first = told.differences[0] if told.differences else None
    if first is None or (first.before is None and not is_table(first.resource)) or said(first)[0] == said(first)[1]:
        return found
    for ending, turned in TURNED.items():
        if found.endswith(ending):
            again = f"{ending} again" if told.event.kind in {Kind.RECOVERED, Kind.EASED} else turned
            return found.removesuffix(ending) + again
    return found


def named_singly(news: News) -> bool:
    """Whether the first event gives the message its name; kinds that are counted do so together."""
    return bool(news.aloud) and not news.trouble and news.aloud[0].event.kind not in GROUPED


def said(difference: Difference) -> tuple[Status, Status]:
    """The statuses before and after; what is not kept passes."""
    was, now = difference.before, difference.after
    return was.status if was else Status.PASS, now.status if now else Status.PASS


def named(told: Told) -> str:
    """What was found, and on what, unless that is the table or the words have it already."""
    resource = told.differences[0].resource if told.differences else None
    if resource is None or is_table(resource) or short(resource) in told.message:
        return told.message
    return f"{short(resource)}: {told.message}"


def _gone(told: Told) -> str:
    gone = next((each.resource for each in told.differences if told.is_gone(each)), None)
    return f"{short(gone)} is gone" if gone else f"{told.item} {told.title}"


def _middle(name: str, limit: int) -> str:
    """Both ends of a name say more than its beginning alone."""
    if len(name) <= limit:
        return name
    head = (limit - 3) // 2
    return f"{name[:head]}...{name[len(name) - (limit - 3 - head) :]}"


def _resumed(told: list[Told]) -> str:
    return f"watching again after a pause, {counted(_differing(told), 'difference')}, {_failing(told)}"


def _rejudged(told: list[Told]) -> str:
    return f"{_differing(told)} newly judged, {_failing(told)}"


def _failing(told: list[Told]) -> str:
    after = [each.after for each in _all(told) if each.after]
    return apart(sum(each.fails for each in after), sum(each.unrecorded for each in after))


def _all(told: list[Told]) -> list[Difference]:
    return [each for one in told for each in one.event.differences]


def _differing(told: list[Told]) -> int:
    return len(_all(told))


GROUPED = {Kind.RESUMED: _resumed, Kind.REJUDGED: _rejudged}
