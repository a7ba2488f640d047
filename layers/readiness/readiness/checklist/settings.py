"""The settings of the checklist file, with their bounds and defaults.

A setting is added here, and nowhere else: checks and facts read these classes, and messages about mistakes in the file
follow from the annotations.
"""

import fnmatch
import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field
from msgspec.structs import replace

from readiness.checklist.defaults import OURS, settled
from readiness.model import Given

Days = Annotated[int, Meta(ge=0, le=35)]
Window = Annotated[int, Meta(ge=1, le=35)]
Text = Annotated[str, Meta(min_length=1)]

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
"""What a cart or a checkout does to items; never a Scan."""


class ChecklistError(Exception):
    """The file cannot be used. Each line names the file, the line, the key, what was found and what is expected."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the file. A key that none of its fields has is a mistake."""


class AllowedToggler(Section, frozen=True):
    """A role or user (ARN, in which `*` and `?` are wildcards) that may switch recovery off, and who answers for it."""

    principal: Text
    owner: Text
    reviewed_on: date


class Pitr(Section, frozen=True):
    """What is wanted of point-in-time recovery: how far back it reaches, and how much of that before cutover (days).

    `allowed_togglers` are all that may switch it off.
    """

    window_days: Window = 35
    days_before_cutover: Days = 0
    allowed_togglers: tuple[AllowedToggler, ...] = ()


class BillingException(Section, frozen=True):
    """Why a table may have provisioned capacity, who allowed it, and until when."""

    reason: Text
    approved_by: Text
    until: date


class FunctionSettings(Section, frozen=True):
    """Which Lambda functions belong to a table, and what is wanted of them. Patterns are those of file names: `*-cart`.

    Upper and lower case are the same to them. One belongs that is named in `names`, which must exist, or that fits one
    of `name_patterns` or carries all `tags` and may use the table. Those that fit `not_ours` never belong. `candidates`
    has no effect any more, and is still accepted.

    `environment` are the variables that must be set, `{table}` standing for the table's name. No other variable is
    ever kept. `stream_consumers` read the table's stream alone, and need none of them. `dead_letters_required` are
    those whose failed events must be kept. `actions` are the DynamoDB actions that functions need, by a pattern of
    their names: the first that fits counts. `log_retention_days` is how long their logs must be kept at least.
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
        """The DynamoDB actions that the function of that name needs; none where no pattern fits."""
        return next((actions for pattern, actions in self.actions.items() if fits_name(function, (pattern,))), ())


class FailureSettings(Section, frozen=True):
    """The metric that counts failed writes, one series for each domain: by what name, and under which dimension."""

    namespace: str = "BabesClub/Commerce"
    metric: Text = "WriteFailure"
    dimension: Text = "Domain"
    domains: tuple[Text, ...] = ("quote", "session", "coupon")


Watches = Literal["throttling", "reads", "writes", "user-errors", "write-failures", "dead-letters", "other"]
"""What an alarm that can't be read is said to watch."""


class AlarmSettings(Section, frozen=True):
    """What can't be found out about the alarms on a table.

    `operations` are used besides those that CloudWatch has seen lately, such as `Scan`. `vouched` says of alarms on
    logs, on PromQL queries and on others that can't be read, by their names, what each of them watches.
    `events_per_minute` is how many throttled or refused requests, or failed writes, an alarm may let pass.
    """

    operations: tuple[Text, ...] = ()
    vouched: Mapping[str, Watches] = {}
    events_per_minute: Annotated[int, Meta(ge=1)] = 100


class BackupDecision(Section, frozen=True):
    """How the table is backed up besides its recovery, who decided that, when and why.

    `pitr_only`: not at all. `on_demand`: by backups of DynamoDB's own. `aws_backup`: by a plan of AWS Backup. There has
    to be one every `cadence_hours`, and each is kept for `retention_days` at least.
    """

    mode: Literal["pitr_only", "on_demand", "aws_backup"]
    decided_by: Text
    decided_on: date
    reason: Text
    cadence_hours: Annotated[int, Meta(ge=1)] = 24
    retention_days: Annotated[int, Meta(ge=1)] = 35


class DrillSettings(Section, frozen=True):
    """How long a restore that was tried, and a test under load, stay good, and what is wanted of them.

    `items_compared` of a restored copy have to be found equal to the original's. Load is put on the `staging_table`,
    `{table}` standing for the table's name.
    """

    restore_within_days: Annotated[int, Meta(ge=1)] = 90
    items_compared: Annotated[int, Meta(ge=1)] = 100
    load_within_days: Annotated[int, Meta(ge=1)] = 180
    staging_table: str = "{table}-staging"

    def staging(self, table: str) -> str:
        """The name of the table that load is put on, instead of the table of that name."""
        return self.staging_table.replace("{table}", table)


SCRIPTS = ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")
"""What JavaScript and TypeScript are named by."""


class DocumentationSettings(Section, frozen=True):
    """Where the application's repository says what, by paths in it. In patterns `*` crosses folders, `**/` may be none.

    `plan` is where the table is designed, and must have `required_headings`. Of `env` the first that is there counts.
    `iam` is the folder of the policies that were reviewed; `reviewed` says which of them is whose, by a pattern of the
    names of functions: the first that fits counts, and where none does, names do. `sources` without `not_sources` is
    the code. Documents are to be looked at again every `max_age_days`.
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
    """Whether and how items of the application are looked at, once a day: their keys' prefixes and when they expire.

    At most `items` of so many random `segments` are read, and no more once that has cost `read_budget` units.
    `expiring` are patterns of the prefixes of items that have to expire.
    """

    enabled: bool = False
    segments: Annotated[int, Meta(ge=1, le=100)] = 8
    items: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    read_budget: Annotated[int, Meta(ge=1)] = 256
    expiring: tuple[Text, ...] = ("QUOTE*", "RATE*", "*HOLD*")


class TableSettings(Section, frozen=True):
    """What is wanted of one table.

    `tags` are those that it must carry. `functions` and `documentation` replace what the file says of them for all
    tables. `trusted_accounts` are those that the own policies of the table and its stream may let in, as they may let
    in all of `trusted_organization`; empty: which is ours is not known, and no other is trusted. `not_used` are
    settings, by their names, that only the shop could say and that this table has no use for.
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
        """Changes whenever what is wanted does: what is judged under another digest is judged anew, not drift."""
        return _digest(self)


class OnCall(Section, frozen=True):
    """How on call is reached; the template's topic where none is named.

    `endpoints` are those that really wake somebody, as `protocol:endpoint`, in which `*` and `?` are wildcards: of
    web hooks the endpoint is the host, as in `https:events.pagerduty.com`. Where none is named, all but e-mail do.
    `event_bridge`: rules of EventBridge that match state changes of alarms wake somebody too. `chat`: what our own
    alerts look like to subscriptions by https, which is how Amazon Q Developer takes them to Slack and Teams.
    """

    topic_arn: str = ""
    runbook: str = ""
    time_zone: str = "UTC"
    endpoints: tuple[Text, ...] = ()
    event_bridge: bool = False
    chat: Literal["none", "amazon-q"] = "none"

    @property
    def chats(self) -> bool:
        """Whether our alerts go to a chat."""
        return self.chat != "none"

    @property
    def digest(self) -> str:
        """Changes whenever somebody else counts as on call; where and how our own alerts go is no part of it."""
        return _digest(replace(self, topic_arn="", runbook="", time_zone="", chat="none"))


class CostSettings(Section, frozen=True):
    """Where costs are looked at: of an organization, only the account that pays sees which tags are activated.

    `payer_role_arn` is a role of that account, which the monitor may assume; empty where this is the account itself.
    """

    payer_role_arn: str = ""


class SignoffSettings(Section, frozen=True):
    """Who may sign the checklist off. `four_eyes`: not somebody to whom all items belong."""

    four_eyes: bool = False


class Settings(Section, Given, frozen=True):
    """The whole file. `account` and `region` are asserted where they are given."""

    account: str = ""
    region: str = ""
    tables: Annotated[tuple[TableSettings, ...], Meta(min_length=1)] = (TableSettings(),)
    functions: FunctionSettings = FunctionSettings()
    on_call: OnCall = OnCall()
    cost: CostSettings = CostSettings()
    signoff: SignoffSettings = SignoffSettings()
    documentation: DocumentationSettings = DocumentationSettings()
    owners: Mapping[str, str] = {}

    @property
    def digest(self) -> str:
        """Changes whenever the file says something else."""
        return _digest(self)

    def owner(self, rule: str) -> str | None:
        """Who the file says the item belongs to."""
        return self.owners.get(rule) or self.owners.get("default") or None

    def wanted(self, table: str) -> TableSettings:
        """What is wanted of that table, and of what is behind it. ChecklistError: as of `only`."""
        found = self.only(table).tables[0]
        return replace(
            found,
            functions=found.functions or self.functions,
            documentation=found.documentation or self.documentation,
        )

    def deployed(self, table: str) -> "Settings":
        """The same for a stack whose table bears that name: a file that names several knows better."""
        return self.only(table) if len(self.tables) == 1 else self

    def only(self, table: str) -> "Settings":
        """The same for one table: the one of that name, else the only one under that name.

        ChecklistError: there are several, and none has the name.
        """
        named = tuple(settings for settings in self.tables if settings.name == table)
        if not named and len(self.tables) > 1:
            names = ", ".join(settings.name for settings in self.tables)
            msg = f"the checklist says nothing of the table {table!r}: it names {names}"
            raise ChecklistError(msg)
        tables = named or (replace(self.tables[0], name=table),)
        return replace(self, tables=tables)


def fits(name: str, patterns: Collection[str]) -> bool:
    """Whether a name fits one of the patterns, upper and lower case told apart."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def defaults(table: str) -> Settings:
    """Without a file: what is wanted of a table of that name."""
    return msgspec.convert(settled({}, table), Settings).only(table)


def fits_name(name: str, patterns: Collection[str]) -> bool:
    """Whether the name of a function fits one of the patterns: SAM and CDK write `CartFunction` for `cart`."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _digest(settings: Section) -> str:
    text = json.dumps(msgspec.to_builtins(settings), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
