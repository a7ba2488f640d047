"""The checklist as its owner keeps it: what is wanted of each table, who owns which item, how on call is reached.

Reading it is part of every start of the Lambda, so a correct file goes through `tomllib`, `msgspec` and plain
dataclasses. pydantic, which says everything that is wrong at once, is loaded only when something is.
"""

import dataclasses
import difflib
import fnmatch
import hashlib
import json
import re
import tomllib
import zoneinfo
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from annotated_types import Interval, Len
from msgspec import Meta

from readiness.model import Given
from readiness.shop import NOTHING, OURS, SECTIONS, is_unused, settled

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

# Each bound stands twice: for msgspec, which decides, and for pydantic, which explains.
Days = Annotated[int, Meta(ge=0, le=35), Interval(ge=0, le=35)]
Window = Annotated[int, Meta(ge=1, le=35), Interval(ge=1, le=35)]
Text = Annotated[str, Meta(min_length=1), Len(1)]

FORBID_UNKNOWN = {"extra": "forbid"}

ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""

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
    """The file can't be used. Its text names the file, and for each problem the key, what was found and expected."""


@dataclass(frozen=True)
class AllowedToggler:
    """A role or user (ARN, in which `*` and `?` are wildcards) that may switch recovery off, and who answers for it."""

    principal: Text
    owner: Text
    reviewed_on: date

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class Pitr:
    """What is wanted of point-in-time recovery: how far back it reaches, and how much of that before cutover (days).

    `allowed_togglers` are all that may switch it off.
    """

    window_days: Window = 35
    days_before_cutover: Days = 0
    allowed_togglers: tuple[AllowedToggler, ...] = ()

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class BillingException:
    """Why a table may have provisioned capacity, who allowed it, and until when."""

    reason: Text
    approved_by: Text
    until: date

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class FunctionSettings:
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
    log_retention_days: Annotated[int, Meta(ge=1), Interval(ge=1)] = 30

    __pydantic_config__: ClassVar = FORBID_UNKNOWN

    def allowed(self, function: str) -> tuple[str, ...]:
        """The DynamoDB actions that the function of that name needs; none where no pattern fits."""
        return next((actions for pattern, actions in self.actions.items() if fits_name(function, (pattern,))), ())


@dataclass(frozen=True)
class FailureSettings:
    """The metric that counts failed writes, one series for each domain: by what name, and under which dimension."""

    namespace: str = "BabesClub/Commerce"
    metric: Text = "WriteFailure"
    dimension: Text = "Domain"
    domains: tuple[Text, ...] = ("quote", "session", "coupon")

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


Watches = Literal["throttling", "reads", "writes", "user-errors", "write-failures", "dead-letters", "other"]
"""What an alarm that can't be read is said to watch."""


@dataclass(frozen=True)
class AlarmSettings:
    """What can't be found out about the alarms on a table.

    `operations` are used besides those that CloudWatch has seen lately, such as `Scan`. `vouched` says of alarms on
    logs, on PromQL queries and on others that can't be read, by their names, what each of them watches.
    `events_per_minute` is how many throttled or refused requests, or failed writes, an alarm may let pass.
    """

    operations: tuple[Text, ...] = ()
    vouched: Mapping[str, Watches] = field(default_factory=dict)
    events_per_minute: Annotated[int, Meta(ge=1), Interval(ge=1)] = 100

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class BackupDecision:
    """How the table is backed up besides its recovery, who decided that, when and why.

    `pitr_only`: not at all. `on_demand`: by backups of DynamoDB's own. `aws_backup`: by a plan of AWS Backup. There has
    to be one every `cadence_hours`, and each is kept for `retention_days` at least.
    """

    mode: Literal["pitr_only", "on_demand", "aws_backup"]
    decided_by: Text
    decided_on: date
    reason: Text
    cadence_hours: Annotated[int, Meta(ge=1), Interval(ge=1)] = 24
    retention_days: Annotated[int, Meta(ge=1), Interval(ge=1)] = 35

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class DrillSettings:
    """How long a restore that was tried, and a test under load, stay good, and what is wanted of them.

    `items_compared` of a restored copy have to be found equal to the original's. Load is put on the `staging_table`,
    `{table}` standing for the table's name.
    """

    restore_within_days: Annotated[int, Meta(ge=1), Interval(ge=1)] = 90
    items_compared: Annotated[int, Meta(ge=1), Interval(ge=1)] = 100
    load_within_days: Annotated[int, Meta(ge=1), Interval(ge=1)] = 180
    staging_table: str = "{table}-staging"

    __pydantic_config__: ClassVar = FORBID_UNKNOWN

    def staging(self, table: str) -> str:
        """The name of the table that load is put on, instead of the table of that name."""
        return self.staging_table.replace("{table}", table)


SCRIPTS = ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx")
"""What JavaScript and TypeScript are named by."""


@dataclass(frozen=True)
class DocumentationSettings:
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
    reviewed: Mapping[str, Text] = field(default_factory=dict)
    sources: tuple[Text, ...] = ("**/*.py", *(f"**/*.{kind}" for kind in SCRIPTS))
    not_sources: tuple[Text, ...] = (
        *("**/node_modules/**", "**/test/**", "**/tests/**", "**/__tests__/**"),
        *("**/*.test.*", "**/*.spec.*", "**/test_*.py", "**/conftest.py"),
    )
    max_age_days: Annotated[int, Meta(ge=1), Interval(ge=1)] = 180

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class SampleSettings:
    """Whether and how items of the application are looked at, once a day: their keys' prefixes and when they expire.

    At most `items` of so many random `segments` are read, and no more once that has cost `read_budget` units.
    `expiring` are patterns of the prefixes of items that have to expire.
    """

    enabled: bool = False
    segments: Annotated[int, Meta(ge=1, le=100), Interval(ge=1, le=100)] = 8
    items: Annotated[int, Meta(ge=1, le=10_000), Interval(ge=1, le=10_000)] = 1_000
    read_budget: Annotated[int, Meta(ge=1), Interval(ge=1)] = 256
    expiring: tuple[Text, ...] = ("QUOTE*", "RATE*", "*HOLD*")

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class TableSettings:
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
    pitr: Pitr = field(default_factory=Pitr)
    billing_exception: BillingException | None = None
    functions: FunctionSettings | None = None
    write_failures: FailureSettings = field(default_factory=FailureSettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    backup_decision: BackupDecision | None = None
    drills: DrillSettings = field(default_factory=DrillSettings)
    trusted_accounts: tuple[str, ...] = ()
    trusted_organization: str = ""
    sample: SampleSettings = field(default_factory=SampleSettings)
    documentation: DocumentationSettings | None = None
    not_used: tuple[Text, ...] = ()

    __pydantic_config__: ClassVar = FORBID_UNKNOWN

    @property
    def digest(self) -> str:
        """Changes whenever what is wanted does: what is judged under another digest is judged anew, not drift."""
        return _digest(self)


@dataclass(frozen=True)
class OnCall:
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

    __pydantic_config__: ClassVar = FORBID_UNKNOWN

    @property
    def chats(self) -> bool:
        """Whether our alerts go to a chat."""
        return self.chat != "none"

    @property
    def digest(self) -> str:
        """Changes whenever somebody else counts as on call; where and how our own alerts go is no part of it."""
        return _digest(dataclasses.replace(self, topic_arn="", runbook="", time_zone="", chat="none"))


@dataclass(frozen=True)
class CostSettings:
    """Where costs are looked at: of an organization, only the account that pays sees which tags are activated.

    `payer_role_arn` is a role of that account, which the monitor may assume; empty where this is the account itself.
    """

    payer_role_arn: str = ""

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class SignoffSettings:
    """Who may sign the checklist off. `four_eyes`: not somebody to whom all items belong."""

    four_eyes: bool = False

    __pydantic_config__: ClassVar = FORBID_UNKNOWN


@dataclass(frozen=True)
class Settings(Given):
    """The whole file. `account` and `region` are asserted where they are given."""

    account: str = ""
    region: str = ""
    tables: Annotated[tuple[TableSettings, ...], Meta(min_length=1), Len(1)] = (TableSettings(),)
    functions: FunctionSettings = field(default_factory=FunctionSettings)
    on_call: OnCall = field(default_factory=OnCall)
    cost: CostSettings = field(default_factory=CostSettings)
    signoff: SignoffSettings = field(default_factory=SignoffSettings)
    documentation: DocumentationSettings = field(default_factory=DocumentationSettings)
    owners: Mapping[str, str] = field(default_factory=dict)

    __pydantic_config__: ClassVar = FORBID_UNKNOWN

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
        return dataclasses.replace(
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
        tables = named or (dataclasses.replace(self.tables[0], name=table),)
        return dataclasses.replace(self, tables=tables)


def fits(name: str, patterns: Collection[str]) -> bool:
    """Whether a name fits one of the patterns, upper and lower case told apart."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def defaults(table: str) -> Settings:
    """Without a file: what is wanted of a table of that name."""
    return msgspec.convert(settled({}, table), Settings).only(table)


def fits_name(name: str, patterns: Collection[str]) -> bool:
    """Whether the name of a function fits one of the patterns: SAM and CDK write `CartFunction` for `cart`."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def outdated(settings: Settings) -> Iterator[str]:
    """What the file says that is accepted, but has no effect any more; a line each."""
    for key, functions in _functions(settings):
        if functions.candidates:
            yield f"{key}.candidates has no effect any more: move its patterns to {key}.name_patterns"


def load(path: Path, rules: Collection[str] | None = None, table: str = "") -> Settings:
    """Read the file. ChecklistError: all that is wrong with it.

    `rules` are the ids that may have an owner; None where who reads it does not know the rules. `table` is the name
    that the one table of the file is to bear, where it bears another.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: can't be read: {error.strerror}"
        raise ChecklistError(msg) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is not TOML: {error}"
        raise ChecklistError(msg) from None
    try:
        settings = msgspec.convert(settled(raw, table), Settings)
    except msgspec.ValidationError as error:
        raise ChecklistError(_all(path, _explain(raw) or [str(error)])) from None
    problems = [*_unheard(raw, settings), *_inconsistent(settings, rules), *_excluded(settings)]
    if problems:
        raise ChecklistError(_all(path, problems))
    return settings


def _all(path: Path, problems: Collection[str]) -> str:
    return "\n".join(f"{path}: {problem}" for problem in problems)


def _unheard(raw: Mapping[str, Any], settings: Settings) -> list[str]:
    """Keys that the file has and the settings do not: msgspec passes over them in a dataclass."""
    return _explain(raw) if not _contains(msgspec.to_builtins(settings), raw) else []


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and _contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return all(map(_contains, whole, part))
    return True


def _inconsistent(settings: Settings, rules: Collection[str] | None) -> Iterator[str]:
    names = [table.name for table in settings.tables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"tables: found the table {name!r} twice, expected each once"
    yield from _no_ids(settings)
    yield from _unknown(settings.tables)
    yield from _contradicted(settings.tables)
    role = settings.cost.payer_role_arn
    if role and ":role/" not in role:
        example = "arn:aws:iam::123456789012:role/costs"
        yield f"cost.payer_role_arn: found {role!r}, expected the ARN of a role such as {example!r}"
    for number, endpoint in enumerate(settings.on_call.endpoints):
        if ":" not in endpoint:
            yield f"on_call.endpoints[{number}]: found {endpoint!r}, expected protocol:endpoint such as 'sms:*'"
    known = {*(settings.owners if rules is None else rules), "default"}
    for key in sorted(set(settings.owners) - known):
        yield f"owners.{key}: unknown rule{_nearest(key, known)}"
    try:
        zoneinfo.ZoneInfo(settings.on_call.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        yield f"on_call.time_zone: found {settings.on_call.time_zone!r}, expected a name such as 'Europe/Berlin'"


def _excluded(settings: Settings) -> Iterator[str]:
    """Functions that the file both names and excludes."""
    for key, functions in _functions(settings):
        for number, name in enumerate(functions.names):
            if fits_name(name, functions.not_ours):
                yield f"{key}.names[{number}]: found {name!r}, which not_ours excludes, expected it in one of the two"


def _functions(settings: Settings) -> Iterator[tuple[str, FunctionSettings]]:
    """Every place where functions are chosen, by its key."""
    yield "functions", settings.functions
    for number, table in enumerate(settings.tables):
        if table.functions:
            yield f"tables[{number}].functions", table.functions


def _no_ids(settings: Settings) -> Iterator[str]:
    """What is no account or organization where one is to be named."""
    accounts = {"account": settings.account} if settings.account else {}
    for number, table in enumerate(settings.tables):
        accounts |= {f"tables[{number}].trusted_accounts[{i}]": each for i, each in enumerate(table.trusted_accounts)}
        organization = table.trusted_organization
        if organization and not ORGANIZATION.fullmatch(organization):
            expected = "expected the id of an organization such as 'o-a1b2c3d4e5'"
            yield f"tables[{number}].trusted_organization: found {organization!r}, {expected}"
    for key, account in accounts.items():
        if not (account.isdecimal() and len(account) == len("123456789012")):
            yield f"{key}: found {account!r}, expected the 12 digits of an AWS account"


def _unknown(tables: Collection[TableSettings]) -> Iterator[str]:
    """Settings that a table is said to have no use for, and that there are not."""
    known = [*NOTHING, *SECTIONS]
    for number, table in enumerate(tables):
        for place, setting in enumerate(table.not_used):
            if setting not in known:
                yield f"tables[{number}].not_used[{place}]: unknown setting {setting!r}{_nearest(setting, known)}"


def _contradicted(tables: Collection[TableSettings]) -> Iterator[str]:
    """Settings that a table is said to have no use for, and has all the same."""
    for number, table in enumerate(tables):
        for place, setting in enumerate(table.not_used):
            said = [each for each in NOTHING if is_unused(each, (setting,)) and _value(table, each)]
            if said:
                found = f"found {setting!r}, and a value of {said[0]}, expected one of the two"
                yield f"tables[{number}].not_used[{place}]: {found}"


def _value(settings: Any, setting: str) -> Any:
    """None where the part is not there that would have it."""
    return reduce(lambda part, name: getattr(part, name, None), setting.split("."), settings)


def _explain(raw: Mapping[str, Any]) -> list[str]:
    """Everything that pydantic finds wrong, a line each. As JSON it is as strict as msgspec: '10' is no number."""
    from pydantic import TypeAdapter, ValidationError

    try:
        TypeAdapter(Settings).validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        return [_line(problem["loc"], problem["type"], problem["msg"], problem["input"]) for problem in _deepest(error)]
    return []


def _deepest(error: "ValidationError") -> list["ErrorDetails"]:
    """Without what pydantic says of a list only because of what is wrong inside it."""
    problems = error.errors()
    insides = {problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))}
    return [problem for problem in problems if problem["loc"] not in insides]


def _line(where: tuple[int | str, ...], kind: str, message: str, found: Any) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
    if kind == "unexpected_keyword_argument":
        return f"{key}: unknown key{_nearest(str(where[-1]), _known(where[:-1]))}"
    if kind == "missing":
        return f"{key}: is missing"
    expected = message.removeprefix("Input should be ").removeprefix("a valid ")
    return f"{key}: found {found!r}, expected {expected}"


def _known(where: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at a place of the file."""
    kinds = {
        "alarms": AlarmSettings,
        "allowed_togglers": AllowedToggler,
        "backup_decision": BackupDecision,
        "billing_exception": BillingException,
        "cost": CostSettings,
        "documentation": DocumentationSettings,
        "drills": DrillSettings,
        "functions": FunctionSettings,
        "on_call": OnCall,
        "pitr": Pitr,
        "sample": SampleSettings,
        "signoff": SignoffSettings,
        "tables": TableSettings,
        "write_failures": FailureSettings,
    }
    names = [part for part in where if isinstance(part, str)]
    kind = kinds[names[-1]] if names else Settings
    return [known.name for known in dataclasses.fields(kind)]


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"


def _digest(settings: OnCall | Settings | TableSettings) -> str:
    text = json.dumps(dataclasses.asdict(settings), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
