"""The text of a first checklist file, in TOML. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from readiness.alerts.words import counted
from readiness.aws.answer import lacking
from readiness.checklist import TableSettings
from readiness.checklist.defaults import OURS
from readiness.cli.init.observed import STREAM, Observed
from readiness.engine.evaluate import explained
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption
from readiness.facts.iam.pitr_admins import UPDATE_PITR, PitrAdmins
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.iam.evaluate import Access
from readiness.model import Gone, Unavailable
from readiness.printable import printable, wrapped
from readiness.rules import RULES

T = TypeVar("T")

WIDTH = 100
SHARE = 0.01
"""The share of the usual consumption that alarms may ignore, as throttled or rejected requests a minute."""

MOST = TableSettings().alarms.events_per_minute
LISTED = 50
"""The number of principals and of functions that are listed."""

HOW = {
    Access.DIRECT: "directly",
    Access.CONDITIONAL: "under a condition",
    Access.BOUNDED: "if its permissions boundary is removed",
    Access.INDIRECT: "indirectly",
}


def checklist(seen: Observed) -> Iterator[str]:
    """Yield the lines of the file."""
    table = seen.table
    yield from comment(
        f"First checklist of {table.name}, written by `readiness init` on {seen.day} from what account"
        f" {table.account} shows. Review each value. A setting behind `# ` is a decision that no AWS API shows:"
        f" fill it in and remove the `# `. All settings: docs/checklist.md. Errors: readiness validate FILE."
    )
    if table.name == OURS:
        yield from comment(f"Settings that are not in this file have the defaults of {OURS}.")
    yield from ("", f"account = {text(table.account)}", f"region = {text(table.region)}", "")
    yield from _table(seen)
    yield from _pitr(seen)
    yield from _alarms(seen)
    yield from _functions(seen)
    yield from _on_call()
    yield from _owners()


def unread(seen: Observed) -> Iterator[str]:
    """Yield one line for each fact that could not be read, so that the file is not complete."""
    for subject, fact in _facts(seen).items():
        if isinstance(fact, (Unavailable, Gone)):
            yield f"{subject}: {_why(fact)}"
    for each in (seen.functions, seen.others):
        reasons = [why for why in (*each.answers().values(), each.unlisted) if isinstance(why, Unavailable)]
        if reasons:
            yield f"functions: {_why(reasons[0])}"
            break
    if isinstance(seen.admins, PitrAdmins) and not seen.admins.whole:
        why = seen.admins.unlisted or next(iter(seen.admins.unread.values()))
        yield f"principals that can disable PITR: {_why(why)}"
    if isinstance(seen.consumption, Consumption) and seen.consumption.unread:
        yield f"consumption: {_why(seen.consumption.unread)}"


def comment(said: str, indent: str = "") -> Iterator[str]:
    """Yield the text as comment lines."""
    lead = f"{indent}# "
    yield from wrapped(said, WIDTH, lead, lead)


def text(value: str) -> str:
    """Return the value as a string of TOML, with escapes in place of all characters that are not printable."""
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(text, values))}]"


def _map(values: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{text(key)} = {text(value)}' for key, value in values.items())} }}" if values else "{}"


def _facts(seen: Observed) -> Mapping[str, Any]:
    return {
        "keys": _field(seen.description, "keys"),
        "billing mode": _field(seen.description, "billing_mode"),
        "deletion protection": _field(seen.description, "deletion_protected"),
        "TTL": _field(seen.time_to_live, "status"),
        "PITR": _field(seen.recovery, "enabled"),
        "tags": seen.tags,
        "principals that can disable PITR": seen.admins,
        "consumption": seen.consumption,
    }


def _field(fact: Any, name: str) -> Any:
    """Return a field of a fact; Unavailable or Gone where the fact or the field could not be read."""
    if isinstance(fact, (Unavailable, Gone)):
        return fact
    return lacking(fact).get(name) or getattr(fact, name)


def _why(why: Unavailable | Gone) -> str:
    return explained(why) if isinstance(why, Unavailable) else str(why)


def _table(seen: Observed) -> Iterator[str]:
    yield from ("[[tables]]", f"name = {text(seen.table.name)}")
    yield from _keys(seen)
    yield from _time_to_live(seen)
    yield from _tags(seen)
    protected = _field(seen.description, "deletion_protected")
    today = {True: "It is enabled today.", False: "It is disabled today."}.get(protected, "It could not be read.")
    yield from comment(f'The status if deletion protection is disabled: "warn" or "fail". {today}')
    yield 'deletion_protection = "warn"'
    if _field(seen.description, "billing_mode") == "PROVISIONED":
        yield from comment("The table has provisioned capacity, which fails item 1.1 unless an exception is approved:")
        yield '# billing_exception = { reason = "", approved_by = "", until = 2027-01-31 }'
    yield from comment(
        "Item 3.4 fails without a decision on backups beside PITR. mode is pitr_only, on_demand or aws_backup:"
    )
    yield f'# backup_decision = {{ mode = "", decided_by = "", decided_on = {seen.day}, reason = "" }}'
    if seen.table.name != OURS:
        yield from _only_the_owner_knows()
    yield ""


def _keys(seen: Observed) -> Iterator[str]:
    """Yield the key attributes. `keys` has those of the table first, such as `PK, SK`."""
    keys = _field(seen.description, "keys")
    if isinstance(keys, (Unavailable, Gone)):
        yield from comment(f"The keys are defaults: {_why(keys)}.")
        yield from ('partition_key = "PK"', 'sort_key = "SK"')
        return
    partition, comma, sort = keys[0].partition(", ")
    yield f"partition_key = {text(partition)}"
    if comma:
        yield f"sort_key = {text(sort)}"
    else:
        yield from comment("The table has no sort key. Readiness needs one to record results in the table.")


def _time_to_live(seen: Observed) -> Iterator[str]:
    status, attribute = _field(seen.time_to_live, "status"), _field(seen.time_to_live, "attribute")
    if isinstance(attribute, str):
        yield from comment(f"TTL is {printable(str(status)).lower()} on this attribute.")
        yield f"ttl_attribute = {text(attribute)}"
        return
    why = f"TTL {_why(status)}" if isinstance(status, (Unavailable, Gone)) else "TTL is disabled today"
    yield from comment(f"{why}. This is the attribute that is expected:")
    yield 'ttl_attribute = "expiresAt"'


def _tags(seen: Observed) -> Iterator[str]:
    if seen.table.name == OURS:
        return
    if isinstance(seen.tags, Unavailable):
        yield from comment(f"The tags that the table must have. They {_why(seen.tags)}.")
    elif seen.tags:
        yield from comment("The tags that the table must have: those that it has today.")
        yield f"tags = {_map(seen.tags)}"
        return
    else:
        yield from comment("The tags that the table must have, for its costs. It has none today.")
    yield '# tags = { Project = "", Env = "" }'


def _only_the_owner_knows() -> Iterator[str]:
    yield from comment("The CloudWatch metric of failed writes, and the values of its dimension:")
    yield '# write_failures = { namespace = "", metric = "WriteFailure", dimension = "Domain", domains = [] }'
    yield from comment("The table of load tests:")
    yield '# drills = { staging_table = "{table}-staging" }'
    yield from comment("Paths in the application's repository, for `readiness manifest PATH`:")
    yield '# documentation = { plan = "", runbooks = [], env_readme = "", iam = "" }'
    yield from comment("Settings among these that the table does not use, so that its items can be complete:")
    yield '# not_used = ["write_failures"]'


def _pitr(seen: Observed) -> Iterator[str]:
    enabled, days = _field(seen.recovery, "enabled"), _field(seen.recovery, "window_days")
    today = {True: f"PITR is enabled today, with a window of {days} days.", False: "PITR is disabled today."}
    yield "[tables.pitr]"
    said = f"PITR {_why(enabled)}." if isinstance(enabled, (Unavailable, Gone)) else today[enabled]
    yield from comment(f"The window that is expected, in days. {said}")
    yield from ("window_days = 35", "days_before_cutover = 0", "")
    yield from _admins(seen)


def _admins(seen: Observed) -> Iterator[str]:
    if isinstance(seen.admins, Unavailable):
        yield from comment(f"Who can disable PITR {_why(seen.admins)}.")
        yield ""
        return
    holders = seen.admins.holders
    whole = "" if seen.admins.whole else " There may be others: not all policies could be read."
    yield from comment(
        f"Besides root, {counted(len(holders), 'principal')} can disable PITR today ({UPDATE_PITR}; from the policies"
        f" of IAM and of the table).{whole} Keep the entries that are intended, with owner and day of the review: all"
        " other principals then fail item 1.4. Without entries this is not checked."
    )
    for holder in holders[:LISTED]:
        way = "" if holder.action == UPDATE_PITR else f", by {holder.action}"
        yield from ("#", f"# [[tables.pitr.allowed_togglers]]      # {HOW[holder.access]}{printable(way)}")
        yield from (f"# principal = {text(holder.arn)}", '# owner = ""', f"# reviewed_on = {seen.day}")
    if len(holders) > LISTED:
        yield from ("#", *comment(f"{len(holders) - LISTED} more are not listed."))
    yield ""


def _alarms(seen: Observed) -> Iterator[str]:
    """Yield the number of requests that alarms may ignore, from the consumption of the table."""
    yield "[tables.alarms]"
    usual = None if isinstance(seen.consumption, Unavailable) else _usual(seen.consumption)
    about = "Throttled or rejected requests a minute that alarms may ignore"
    if usual is None:
        why = "CloudWatch has no consumption of the last 14 days"
        if isinstance(seen.consumption, Unavailable):
            why = f"the consumption {_why(seen.consumption)}"
        elif seen.consumption.unread:
            why = f"the consumption {_why(seen.consumption.unread)}"
        yield from comment(f"{about}: the default, because {why}.")
        yield from (f"events_per_minute = {MOST}", "")
        return
    yield from comment(
        f"{about}: 1 percent of the usual consumption, at least 1 and at most {MOST}. Usual are"
        f" {usual[0]:,.0f} read and {usual[1]:,.0f} write capacity units a minute: the 99th percentile of the"
        f" five-minute sums of {READS} and {WRITES} of the table in the 14 days before {seen.day}."
    )
    yield from (f"events_per_minute = {max(1, min(MOST, int(sum(usual) * SHARE)))}", "")


def _usual(consumption: Consumption) -> tuple[float, float] | None:
    """Return the usual reads and writes of the table in units a minute; None without data of one of the two."""
    own = [
        next((p99 for key, p99 in consumption.p99.items() if key.split(" ")[0] == name), None)
        for name in (READS, WRITES)
    ]
    if own[0] is None or own[1] is None:
        return None
    return own[0] * 60 / FIVE_MINUTES, own[1] * 60 / FIVE_MINUTES


def _functions(seen: Observed) -> Iterator[str]:
    functions = seen.functions.readable()[0]
    yield "[functions]"
    yield from comment("The functions that use the table, and why. Each must exist.")
    yield from _named(seen, functions)
    yield from _others(seen)
    consumers = [each.name for each in functions if each.signals == (STREAM,)]
    yield from comment("Functions that only read the stream of the table, and need no variable with its name:")
    yield f"stream_consumers = {_list(consumers)}"
    if seen.table.name != OURS:
        yield from _environment(seen, [each for each in functions if each.name not in consumers])
        yield from comment("Patterns of the functions whose failed events must be kept in a dead-letter queue:")
        yield f"# dead_letters_required = {_list(each.name for each in functions)}"
    yield ""


def _named(seen: Observed, functions: list[TableFunction]) -> Iterator[str]:
    if not functions:
        yield "names = []"
        return
    yield "names = ["
    for each in functions:
        yield f"    {text(each.name)},  # {printable(seen.reasons(each))}"
    yield "]"


def _others(seen: Observed) -> Iterator[str]:
    others = seen.others.readable()[0]
    if others:
        yield from comment(
            "Functions whose role can write to the table, and that nothing else connects with it. Move each to names or"
            " to not_ours:"
        )
        yield from (f"#   {text(each.name)}" for each in others[:LISTED])
        if len(others) > LISTED:
            yield from comment(f"{len(others) - LISTED} more are not listed.")
    yield "not_ours = []"


def _environment(seen: Observed, functions: list[TableFunction]) -> Iterator[str]:
    """Yield the variables that all these functions set to the name of the table."""
    common = set.intersection(*(set(seen.variables[each.arn]) for each in functions)) if functions else set()
    if common:
        yield from comment("The variables with the name of the table that each function must set: all set them today.")
        yield f"environment = {_map(dict.fromkeys(sorted(common), '{table}'))}"
        return
    yield from comment(
        "The variables with the name of the table that each function must set. Today none is set by all:"
    )
    yield '# environment = { TABLE_NAME = "{table}" }'


def _on_call() -> Iterator[str]:
    yield "[on_call]"
    yield from comment("The topic of alerts; empty for the topic of the stack. `runbook` is a link in every alert.")
    yield from ('topic_arn = ""', 'runbook = ""', 'time_zone = "UTC"', "")


def _owners() -> Iterator[str]:
    yield "[owners]"
    yield from comment("Who answers for the items. An item without an owner is not complete.")
    yield 'default = ""'
    width = max(len(rule.id) for rule in RULES) + 2
    for rule in RULES:
        yield f'# {text(rule.id):{width}} = ""  # {rule.item} {rule.title}'
