"""A function with the wrong table name writes orders to another table and reports success.

The functions of the table are selected on every run, and the reason for each is kept: functions that the checklist
names, functions whose environment variables name the table, functions that read its stream, and functions that the
checklist selects by a name pattern or by tags and whose role can use the table. A function that is no longer selected
is reported as a change; otherwise removing a tag would hide a failure.

`$LATEST` and every version that an alias, a resource-based policy or an event source mapping invokes are checked.
`$LATEST` is checked without an alias too: callers that name no alias invoke it, and the next version is published from
it. A published version keeps its environment variables: update `$LATEST`, publish a version, and update the alias. Only
the variables that the checklist names are read, and no value that may be a secret is shown.

The application's `.env` and `README_ENV.md` are judged as `readiness manifest PATH --record` recorded them: the names
of their variables, and a match of each value that the checklist expects.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from readiness.aws.arn import partition_of
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.live_versions import (
    SOMETHING_ELSE,
    Configuration,
    EnvironmentVariables,
    LiveVersion,
    PermittedVersions,
    bare,
    expected,
)
from readiness.facts.lambda_.table_functions import Selected, SelectedBefore, TableFunction, Unclassified
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.facts.recorded.now import Now
from readiness.model import Reason, Unavailable, Unreadable
from readiness.rules.shared.change_events import FUNCTIONS
from readiness.rules.shared.configured import LIST_FUNCTIONS, RECORD, no_manifest, unselected, unset
from readiness.rules.shared.few import few
from readiness.rules.shared.transitional_state import TransitionalState, continued
from readiness.rules.shared.versions import qualified

rule = Rule(
    "2.1",
    "Environment variables",
    Severity.HIGH,
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    change_events_of=(*FUNCTIONS, PermittedVersions),
)

UPDATE_LIMIT = timedelta(minutes=15)
SHOWN = 80
NAMED = 100
NAMED_IN_A_LINE = 5

LOOK = (
    "aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query '[Description, Role, LastModified]';"
    " echo 'if it uses the table, add it to names in [functions] of the checklist, otherwise to not_ours'"
)
# The update replaces all variables, and prints them without `--query`.
MERGE = (
    "(umask 077; merged=$(mktemp); trap 'rm -f \"$merged\"' EXIT;"
    " aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query Environment --output json"
    " | jq -n --argjson wanted {Wanted}"
    ' \'input | if .Error then error("the variables cannot be decrypted") else . end'
    " | {{Variables: ((.Variables // {{}}) + $wanted)}}'"
    ' > "$merged"'
    " && aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    ' --environment "file://$merged" --query LastUpdateStatus --output text;'
    " echo 'published versions keep their variables: publish a version and update the alias')"
)
EDIT = f'"${{{{EDITOR:-vi}}}}" {{File}} && {RECORD}'
WHY = (
    "aws lambda get-function-configuration --function-name {FunctionName} --qualifier {Version} --region {region}"
    " --query '[LastUpdateStatus, LastUpdateStatusReason]'"
)


class FunctionUpdate(TransitionalState):
    """State of a function update that is in progress."""

    stored_as = "FunctionUpdate"


@rule.check(
    decide="Decide which functions use the table, and name them in [functions] of the checklist.",
    version=2,
    confirm=2,
    fix=LIST_FUNCTIONS,
)
def functions(
    table: Table, belonging: Each[TableFunction], functions: Each[Function], checklist: Checklist, selected: Selected
) -> Iterator[Verdict]:
    """Is at least one function of the table selected, and do the functions that the checklist names exist?

    The environment variables of the table's functions are not checked.
    """
    existing = {function.name for function in functions}
    for name in checklist.functions.names:
        if name not in existing:
            message = f"function {name} does not exist, expected by functions.names of the checklist"
            arn = f"arn:{partition_of(table.arn)}:lambda:{table.region}:{table.account}:function:{name}"
            yield failed(message, subject=f"function {name} was deleted", resource=arn)
    found = list(belonging)
    signals = {function.name: list(function.signals) for function in found}
    seen: dict[str, Any] = {
        "evidence": {"Functions": signals, "SelectedWithoutAccess": list(selected.without_access)},
        "watched": dict.fromkeys(signals, "belongs") if len(signals) <= NAMED else _digest(signals),
        "carry": SelectedBefore(tuple(function.name for function in found if function.selected)),
    }
    without = _and(selected.without_access)
    no_access = f"; selected without access to the table: {without}" if selected.without_access else ""
    if signals:
        yield passed(f"functions of the table: {len(signals)}{no_access}", **seen)
    elif lacking := unselected(checklist):
        yield lacking
    else:
        yield failed(f"no functions of the table{no_access}", subject="no functions of the table are left", **seen)


@rule.check(
    decide=(
        "Decide if the function uses the table. If it does, add it to names in [functions] of the checklist, "
        "else to not_ours."
    ),
    on=Table,
    version=2,
    severity=Severity.MEDIUM,
    confirm=2,
    fix=LOOK,
)
def unclassified(unclassified: Each[Unclassified]) -> Iterator[Verdict]:
    """Does the checklist say of every function that can write to the table whether the table uses it?"""
    for function in unclassified:
        evidence = {"FunctionName": function.name, "Signals": list(function.signals)}
        message = f"{', '.join(function.signals)}, expected in functions.names or functions.not_ours of the checklist"
        yield warned(message, evidence=evidence, resource=function.arn)
    if not unclassified:
        yield passed("no other function can write to the table")


@rule.check(
    decide=(
        "Decide when to deploy: the values that the checklist demands replace those of the function, whose "
        "other variables stay. Versions are published and aliases moved by your deployment."
    ),
    fix=MERGE,
)
def variables(
    table: Table, version: LiveVersion, variables: EnvironmentVariables | Unavailable, checklist: Checklist
) -> Verdict:
    """Does each invoked version have the environment variables that the checklist demands?

    The function reads and writes another table, or fails.
    """
    if fits_name(version.function, checklist.functions.stream_consumers):
        return not_applicable("the function reads only the table's stream (functions.stream_consumers)")
    if lacking := unset(checklist, "functions.environment"):
        return lacking
    if isinstance(variables, Unavailable):
        raise Unreadable({version.arn: variables})
    wanted = expected(table, checklist)
    shown = {name: _shown(value) for name, value in variables.named.items()}
    evidence = {
        "FunctionName": version.function,
        "Version": version.version,
        "Aliases": list(version.aliases),
        "Variables": shown,
        "Wanted": json.dumps(wanted),
    }
    wrong = {name: why for name, value in wanted.items() if (why := _wrong(name, value, variables))}
    if not wrong:
        good = "environment variables are as expected"
        return passed(good, subject=f"{version.function}:{version.version}: {good} again", evidence=evidence)
    watched = {name: shown.get(name) for name in wrong}
    first = next(iter(wrong))
    changed = f"{first} was changed to {shown[first]}" if first in shown else f"{first} was removed"
    subject = f"{version.function}:{version.version}: {changed}"
    message = f"{qualified(version)}: {'; '.join(wrong.values())}"
    return failed(message, subject=subject, evidence=evidence, watched=watched)


@rule.check(
    decide="Find out why the update of the function failed, and deploy it again.", severity=Severity.MEDIUM, fix=WHY
)
def updated(version: LiveVersion, configuration: Configuration, now: Now, before: FunctionUpdate | None) -> Verdict:
    """Did the last update of each invoked version succeed?"""
    named = {"FunctionName": version.function, "Version": version.version}
    evidence = {**named, "LastUpdateStatus": configuration.update}
    if configuration.update == "InProgress":
        update = continued(FunctionUpdate, before, configuration.update, now)
        return update.verdict(
            now, UPDATE_LIMIT, "last update is InProgress", ", expected Successful", evidence=evidence
        )
    if configuration.update != "Successful":
        message = f"{qualified(version)}: last update is {configuration.update}, expected Successful"
        return failed(message, evidence=evidence)
    return passed("last update is Successful", evidence=evidence)


@rule.check(
    decide="Decide which is right: the file of the repository, or the checklist.",
    severity=Severity.MEDIUM,
    version=2,
    fix=EDIT,
)
def env_file(table: Table, manifest: ApplicationManifest | None, checklist: Checklist) -> Verdict:
    """Does the application's environment file set the variables as the checklist demands?"""
    if lacking := unset(checklist, "functions.environment", "documentation.env"):
        return lacking
    if manifest is None:
        return no_manifest()
    wanted = _compared(table, manifest, checklist)
    first, found = checklist.documentation.env[0], manifest.says.env
    if found is None:
        return failed(f"{first} does not exist", evidence={"File": first})
    wrong = sorted({*wanted} - {*found.as_wanted})
    evidence = {"File": found.file.path, "Variables": list(found.names), "Wrong": wrong}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"Wrong": wrong}}
    if wrong:
        return failed(f"{found.file.path} does not set {_and(wrong)} as the checklist demands", **seen)
    if found.file.path != first:
        return warned(f"{first} does not exist, {found.file.path} is only an example", **seen)
    return passed(f"{found.file.path} sets {_and(wanted)} as the checklist demands", **seen)


@rule.check(
    decide="Decide which is right: the README of the repository, or the checklist.",
    severity=Severity.LOW,
    version=2,
    fix=EDIT,
)
def readme(table: Table, manifest: ApplicationManifest | None, checklist: Checklist) -> Verdict:
    """Does the README of the environment file document the variables with the values that the checklist demands?"""
    if lacking := unset(checklist, "functions.environment", "documentation.env_readme"):
        return lacking
    if manifest is None:
        return no_manifest()
    wanted = _compared(table, manifest, checklist)
    path, found = checklist.documentation.env_readme, manifest.says.env_readme
    if found is None:
        return failed(f"{path} does not exist", evidence={"File": path})
    wrong = sorted({*wanted} - {*found.as_wanted})
    seen: dict[str, Any] = {"evidence": {"File": path, "Wrong": wrong}, "watched": {"Wrong": wrong}}
    if wrong:
        return failed(f"{path} does not document {_and(wrong)} with the value that the checklist demands", **seen)
    return passed(f"{path} documents {_and(wanted)} with the values that the checklist demands", **seen)


@rule.check(
    decide="Decide which is right: the environment file, or its README.",
    severity=Severity.LOW,
    required=False,
    fix=EDIT,
)
def agreed(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """Do the environment file and its README name the same variables?"""
    env, written = manifest.says.env, manifest.says.env_readme
    if env is None or written is None:
        return not_applicable("no environment file, or no README of it")
    unwritten, unset = sorted({*env.names} - {*written.names}), sorted({*written.names} - {*env.names})
    evidence = {"File": checklist.documentation.env_readme, "Undocumented": unwritten, "Unset": unset}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"Undocumented": unwritten, "Unset": unset}}
    wrong = [f"{written.file.path} does not document {_and(unwritten)}"] if unwritten else []
    wrong += [f"{env.file.path} does not set {_and(unset)}"] if unset else []
    if wrong:
        return warned("; ".join(wrong), **seen)
    return passed(f"{env.file.path} and {written.file.path} name the same variables", **seen)


def _compared(table: Table, manifest: ApplicationManifest, checklist: Checklist) -> dict[str, str]:
    """Return the variables that the checklist demands.

    Raise Unreadable where the manifest was recorded with other values of the checklist.
    """
    wanted = expected(table, checklist)
    if manifest.says.wanted != wanted:
        when = f"the manifest of {manifest.at:%Y-%m-%d} was recorded with other values of the checklist"
        raise Unreadable({}, Unavailable(Reason.STALE, detail=f"{when}: record it again"))
    return wanted


def _and(names: Collection[str]) -> str:
    return few(sorted(names), NAMED_IN_A_LINE, " and ") or "nothing"


def _digest(names: Collection[str]) -> dict[str, Any]:
    """Return many names as one watched value; a few are watched by name, so that one that is removed is named."""
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
    return {"functions": len(names), "digest": digest}


def _wrong(name: str, wanted: str, variables: EnvironmentVariables) -> str:
    """Return how a variable differs from its expected value; empty where it does not."""
    value = variables.named.get(name)
    if value is None:
        holders = variables.holders
        have = f" ({' and '.join(holders)} {'has' if len(holders) == 1 else 'have'} that value)" if holders else ""
        return f"{name} is missing, expected {wanted}{have}"
    if value == wanted:
        return ""
    if not bare(value):
        return f"{name} is empty, expected {wanted}"
    if bare(value) == wanted:
        around = "white space" if value.strip() == wanted else "quotes"
        return f"{name} has {around} around its value, expected {wanted}"
    if value == SOMETHING_ELSE:
        return f"{name} is not a table name (the value is not shown), expected {wanted}"
    return f"{name} is {_shown(value)}, expected {wanted}"


def _shown(value: str) -> str:
    visible = value if value == bare(value) else repr(value)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}..."
