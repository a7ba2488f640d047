"""The settings of the checklist file, with their bounds and defaults; `checklist.file` reads the file.

A new setting is added here only: checks and facts read these classes, and the messages about mistakes in the file are
derived from the annotations.
"""

import fnmatch
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field
from msgspec.structs import replace

from readiness.checklist.defaults import OURS, settled
from readiness.model import Given

Days = Annotated[int, Meta(ge=0, le=35)]
Window = Annotated[int, Meta(ge=1, le=35)]
Text = Annotated[str, Meta(min_length=1)]

LATER = Meta(extra={"later": True})
"""Marks a setting that was added after the first release. With its default value it is not part of a digest, so that
the release that adds it evaluates nothing again.
"""

ITEM_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
"""The DynamoDB actions on items that a cart or a checkout needs. Scan is not among them."""


class ChecklistError(Exception):
    """The file is invalid. Each line of the text has the file, line and key, the value found and the value expected."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of the file. An unknown key is a mistake."""


class AllowedToggler(Section, frozen=True):
    """A role or user (ARN, with the wildcards `*` and `?`) that may disable PITR, and the person responsible for it."""

    principal: Text
    owner: Text
    reviewed_on: date


class Pitr(Section, frozen=True):
    """Settings of PITR, in days: the minimum recovery period, and the minimum age of the earliest restorable time.

    Before cutover, PITR must have been enabled for `days_before_cutover`.

    `allowed_togglers` are the only principals that may disable PITR.
    """

    window_days: Window = 35
    days_before_cutover: Days = 0
    allowed_togglers: tuple[AllowedToggler, ...] = ()


class BillingException(Section, frozen=True):
    """The approval of provisioned capacity for a table: the reason, the approver and the last day."""

    reason: Text
    approved_by: Text
    until: date


class FunctionSettings(Section, frozen=True):
    """Settings that select the Lambda functions of a table, and their expected configuration.

    Patterns are those of file names, such as `*-cart`, and ignore case. A function in `names` is a function of the
    table and must exist. A function that matches `name_patterns` or has all `tags` is one if it may use the table.
    Functions that match `not_ours` are excluded. `candidates` is accepted, but has no effect any more.

    `environment` are the variables that must be set; `{table}` is the name of the table. No other variable is kept.
    `stream_consumers` only read the stream of the table, and need none of these variables. `dead_letters_required`
    are patterns of the functions whose failed events must be kept. `actions` are the DynamoDB actions that functions
    need, by pattern of their names; the first match applies. `log_retention_days` is the minimum retention of their
    logs.
    """

    names: tuple[Text, ...] = ()
    name_patterns: tuple[Text, ...] = ("babesclub-*",)
    tags: Mapping[str, str] = field(default_factory=lambda: {"Project": "BabesClub"})
    candidates: tuple[Text, ...] = ()
    not_ours: tuple[Text, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: {"COMMERCE_TABLE": "{table}"})
    stream_consumers: tuple[Text, ...] = ()
    dead_letters_required: tuple[Text, ...] = ("*cart*", "*checkout*")
    actions: Mapping[str, tuple[Text, ...]] = field(default_factory=lambda: {"*": ITEM_ACTIONS})
    log_retention_days: Annotated[int, Meta(ge=1)] = 30

    def allowed(self, function: str) -> tuple[str, ...]:
        """Return the DynamoDB actions that the function with that name needs; none if no pattern matches."""
        return next((actions for pattern, actions in self.actions.items() if fits_name(function, (pattern,))), ())


class FailureSettings(Section, frozen=True):
    """The CloudWatch metric of failed writes: its name, its namespace, and its dimension with one value per domain."""

    namespace: str = "BabesClub/Commerce"
    metric: Text = "WriteFailure"
    dimension: Text = "Domain"
    domains: tuple[Text, ...] = ("quote", "session", "coupon")


Watches = Literal["throttling", "reads", "writes", "user-errors", "write-failures", "dead-letters", "other"]
"""The purposes that the checklist can declare for an alarm whose metrics cannot be read."""


class AlarmSettings(Section, frozen=True):
    """Settings of the alarms on a table that AWS cannot provide.

    `operations` are used in addition to those that CloudWatch lists, such as `Scan`. `vouched` declares the purpose of
    alarms whose metrics cannot be read, such as alarms on logs and on PromQL queries, by the name of the alarm.
    `events_per_minute` is the number of throttled or rejected requests, or of failed writes, that alarms may ignore.
    """

    operations: tuple[Text, ...] = ()
    vouched: Mapping[str, Watches] = {}
    events_per_minute: Annotated[int, Meta(ge=1)] = 100


class BackupDecision(Section, frozen=True):
    """The decision on backups in addition to PITR, with its author, date and reason.

    `pitr_only`: no other backups. `on_demand`: DynamoDB on-demand backups. `aws_backup`: a backup plan of AWS Backup.
    A backup is expected every `cadence_hours`, with a retention of at least `retention_days`.
    """

    mode: Literal["pitr_only", "on_demand", "aws_backup"]
    decided_by: Text
    decided_on: date
    reason: Text
    cadence_hours: Annotated[int, Meta(ge=1)] = 24
    retention_days: Annotated[int, Meta(ge=1)] = 35


class DrillSettings(Section, frozen=True):
    """Settings of restore drills and load tests: the days for which they are valid, and their requirements.

    `items_compared` is the minimum number of items of a restored copy that are compared with the original. Load tests
    run on the `staging_table`; `{table}` is the name of the table.
    """

    restore_within_days: Annotated[int, Meta(ge=1)] = 90
    items_compared: Annotated[int, Meta(ge=1)] = 100
    load_within_days: Annotated[int, Meta(ge=1)] = 180
    staging_table: str = "{table}-staging"

    def staging(self, table: str) -> str:
        """Return the name of the staging table for the table with that name."""
        return self.staging_table.replace("{table}", table)


SCRIPTS = ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")
"""File extensions of JavaScript and TypeScript."""


class DocumentationSettings(Section, frozen=True):
    """Paths of documents, policies and code in the application's repository.

    In patterns, `*` also matches `/`, and `**/` also matches an empty path. `plan` is the design of the table, and must
    have the `required_headings`. The first existing file of `env` applies. `iam` is the folder of the reviewed
    policies. `reviewed` are their names by pattern of the names of functions; the first match applies, and without a
    match the names are compared. `sources` without `not_sources` are the files of the code. Documents must be reviewed
    every `max_age_days`.
    """

    plan: str = "notes/backend/cart-checkout-plan.md"
    required_headings: tuple[Text, ...] = ()
    runbooks: tuple[Text, ...] = ("notes/**/*runbook*.md",)
    env: tuple[Text, ...] = (".env", ".env.example")
    env_readme: str = "README_ENV.md"
    iam: str = "config/iam"
    reviewed: Mapping[str, Text] = {}
    sources: tuple[Text, ...] = ("**/*.py", *(f"**/*.{kind}" for kind in SCRIPTS))
    not_sources: tuple[Text, ...] = (
        *("**/node_modules/**", "**/test/**", "**/tests/**", "**/__tests__/**"),
        *("**/*.test.*", "**/*.spec.*", "**/test_*.py", "**/conftest.py"),
    )
    max_age_days: Annotated[int, Meta(ge=1)] = 180


class SampleSettings(Section, frozen=True):
    """Settings of the daily sample of items, which reads the prefixes of their keys and their TTL values.

    At most `items` from that number of random `segments` are read. Reading stops after `read_budget` read capacity
    units. `expiring` are patterns of the prefixes of items that must expire.
    """

    enabled: bool = False
    segments: Annotated[int, Meta(ge=1, le=100)] = 8
    items: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    read_budget: Annotated[int, Meta(ge=1)] = 256
    expiring: tuple[Text, ...] = ("QUOTE*", "RATE*", "*HOLD*")


class TableSettings(Section, frozen=True):
    """Settings of one table.

    `tags` are required tags of the table. `functions` and `documentation` replace the sections for all tables. The
    resource-based policies of the table and its stream may allow `trusted_accounts` and all accounts of
    `trusted_organization`; empty: the organization is not known, and none is trusted. `not_used` are the names of
    settings that this table does not use, among those that only its owner knows.
    """

    name: Text = OURS
    partition_key: Text = "PK"
    sort_key: Text = "SK"
    ttl_attribute: Text = "expiresAt"
    tags: Mapping[str, str] = field(default_factory=lambda: {"Project": "BabesClub", "Env": "prod"})
    deletion_protection: Literal["warn", "fail"] = "warn"
    pitr: Pitr = Pitr()
    billing_exception: BillingException | None = None
    functions: FunctionSettings | None = None
    write_failures: FailureSettings = FailureSettings()
    alarms: AlarmSettings = AlarmSettings()
    backup_decision: BackupDecision | None = None
    drills: DrillSettings = DrillSettings()
    trusted_accounts: tuple[str, ...] = ()
    trusted_organization: str = ""
    sample: SampleSettings = SampleSettings()
    documentation: DocumentationSettings | None = None
    not_used: tuple[Text, ...] = ()

    @property
    def digest(self) -> str:
        """A digest of the settings. A status that changes together with the digest is a re-evaluation, not drift."""
        return _digest(self)


class OnCall(Section, frozen=True):
    """Settings of on-call. `topic_arn` is empty for the topic of the template.

    `endpoints` are the endpoints that page, as `protocol:endpoint` with the wildcards `*` and `?`. The endpoint of a
    webhook is its host, such as `https:events.pagerduty.com`. If it is empty, all endpoints page except e-mail, chat
    and Firehose. `event_bridge`: EventBridge rules on state changes of alarms page too. `chat` is the format of the
    monitor's alerts for https subscriptions: Amazon Q Developer forwards them to Slack and Teams.

    `pager` opens an incident for each check of severity CRITICAL or HIGH that fails, and closes it. `events-v2`: by
    PagerDuty's Events API v2. `cloudwatch`: by notifications of alarms on a topic of its own. The stack has the
    parameters of both.
    """

    topic_arn: str = ""
    runbook: str = ""
    time_zone: str = "UTC"
    endpoints: tuple[Text, ...] = ()
    event_bridge: bool = False
    chat: Literal["none", "amazon-q"] = "none"
    pager: Annotated[Literal["none", "events-v2", "cloudwatch"], LATER] = "none"

    @property
    def chats(self) -> bool:
        """True if the alerts of the monitor are sent to a chat."""
        return self.chat != "none"

    @property
    def digest(self) -> str:
        """A digest of the settings that decide which endpoints page, without those of the monitor's own alerts."""
        return _digest(replace(self, topic_arn="", runbook="", time_zone="", chat="none", pager="none"))


ItemMetrics = Literal["every_run", "changes"]
"""The emission of the status of an item: in each run, or in each run for 15 minutes after a change and then daily."""


class CostSettings(Section, frozen=True):
    """Settings of costs. In an organization, only the management account can read the cost allocation tags.

    `payer_role_arn` is a role of that account that the monitor may assume; empty if this is the management account.
    """

    payer_role_arn: str = ""


class SignoffSettings(Section, frozen=True):
    """Settings of the sign-off. `four_eyes`: a person who owns all items cannot sign off."""

    four_eyes: bool = False


class LimitSettings(Section, frozen=True):
    """Settings of the longest pause, in hours, and the longest waiver, in days.

    Both are counted from the run that announces them. A longer one ends then, and the announcement says so.
    """

    pause_hours: Annotated[int, Meta(ge=1, le=168)] = 24
    waiver_days: Annotated[int, Meta(ge=1, le=3650)] = 365

    @property
    def pause(self) -> timedelta:
        """Return the duration of the longest pause."""
        return timedelta(hours=self.pause_hours)

    @property
    def waiver(self) -> timedelta:
        """Return the duration of the longest waiver."""
        return timedelta(days=self.waiver_days)


class Settings(Section, Given, frozen=True):
    """All settings of the file. If `account` and `region` are set, the session must use them."""

    account: str = ""
    region: str = ""
    item_metrics: Annotated[ItemMetrics, LATER] = "every_run"
    tables: Annotated[tuple[TableSettings, ...], Meta(min_length=1)] = (TableSettings(),)
    functions: FunctionSettings = FunctionSettings()
    on_call: OnCall = OnCall()
    cost: CostSettings = CostSettings()
    signoff: SignoffSettings = SignoffSettings()
    documentation: DocumentationSettings = DocumentationSettings()
    limits: LimitSettings = LimitSettings()
    owners: Mapping[str, str] = {}

    @property
    def digest(self) -> str:
        """A digest of all settings."""
        return _digest(self)

    def owner(self, rule: str) -> str | None:
        """Return the owner of a rule, or the default owner; None without either."""
        return self.owners.get(rule) or self.owners.get("default") or None

    def wanted(self, table: str) -> TableSettings:
        """Return the settings of a table, with the sections for all tables filled in. ChecklistError: see `only`."""
        found = self.only(table).tables[0]
        return replace(
            found,
            functions=found.functions or self.functions,
            documentation=found.documentation or self.documentation,
        )

    def deployed(self, table: str) -> "Settings":
        """Return the settings for a stack with that table. A file with several tables is not changed."""
        return self.only(table) if len(self.tables) == 1 else self

    def only(self, table: str) -> "Settings":
        """Return the settings with one table: the one with that name, or the only one, renamed.

        ChecklistError: there are several tables, and none has the name.
        """
        named = tuple(settings for settings in self.tables if settings.name == table)
        if not named and len(self.tables) > 1:
            names = ", ".join(settings.name for settings in self.tables)
            msg = f"the checklist says nothing of the table {table!r}: it names {names}"
            raise ChecklistError(msg)
        tables = named or (replace(self.tables[0], name=table),)
        return replace(self, tables=tables)


def fits(name: str, patterns: Collection[str]) -> bool:
    """Return True if the name matches one of the patterns, case-sensitive."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def defaults(table: str) -> Settings:
    """Return the settings of a table without a file."""
    return msgspec.convert(settled({}, table), Settings).only(table)


def fits_name(name: str, patterns: Collection[str]) -> bool:
    """Return True if the name of a function matches a pattern, ignoring case: SAM and CDK write `CartFunction`."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _digest(settings: Section) -> str:
    text = json.dumps(msgspec.to_builtins(_digested(settings)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digested(value: Any) -> Any:
    """Return the settings without those that a later release added and that have their default value."""
    match value:
        case Section():
            later = _later(type(value))
            kept = {name: given for name, given in _given(value) if name not in later or given != later[name]}
            return {name: _digested(given) for name, given in kept.items()}
        case Mapping():
            return {name: _digested(each) for name, each in value.items()}
        case tuple() | list():
            return [_digested(each) for each in value]
        case _:
            return value


def _given(section: Section) -> Iterator[tuple[str, Any]]:
    """Yield the settings of a section by their names in the file."""
    for encoded, name in zip(section.__struct_encode_fields__, section.__struct_fields__, strict=True):
        yield encoded, getattr(section, name)


@cache
def _later(section: type[Section]) -> Mapping[str, Any]:
    """Return the default values of the settings that a later release added.

    `msgspec.structs.fields` knows them too, but evaluates the annotations of the whole class.
    """
    kinds = section.__annotations__
    defaults = zip(reversed(section.__struct_encode_fields__), reversed(section.__struct_defaults__), strict=False)
    return {name: each for name, each in defaults if LATER in getattr(kinds.get(name), "__metadata__", ())}
