"""A function that is told another table's name writes orders where nobody looks for them, and says that all went well.

Which functions are meant is found out anew by every look, and why each belongs is kept: those that the checklist
names, those whose environment names the table, those that read its stream, and those that the checklist selects by a
pattern or by tags and whose role may use the table. One that leaves them is drift, or taking away a tag would mend it.

`$LATEST` and every version that an alias routes to, or that a permission or an event source names by its number, must
be right, each by itself. A `$LATEST` that no alias routes to is no exception: whoever invokes the function without
naming an alias runs it, and the next version is made of it. What an alias serves keeps the environment that it was
published with: mend `$LATEST`, publish a version of it, and let the alias route to that. Of the environment only what
the checklist names is read, and no value that may be a secret is shown.

The application's `.env` and `README_ENV.md` are judged as `readiness manifest PATH --record` has told of them: by the
names of their variables, and whether those of the checklist have the values that it wants.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from readiness.aws.arn import LATEST
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.live_versions import (
    Configuration,
    LiveVersion,
    PermittedVersions,
    Variables,
    bare,
    expected,
)
from readiness.facts.lambda_.table_functions import Selected, SelectedBefore, TableFunction, Unclassified
from readiness.facts.lambda_.tags import FunctionTags
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import Variables as Named
from readiness.facts.recorded.now import Now
from readiness.facts.recorded.recorded_manifest import ApplicationManifest
from readiness.model import Reason, Unavailable, Unreadable
from readiness.rules.shared.configured import unselected, unset
from readiness.rules.shared.transition import Transition, continued
from readiness.rules.shared.unrecorded import RECORD, no_manifest

rule = Rule(
    "2.1",
    "Environment variables",
    Severity.HIGH,
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    change_events_of=(Configuration, Function, LiveVersion, FunctionTags, EventSource, PermittedVersions),
)

UPDATE_LIMIT = timedelta(minutes=15)
SHOWN = 80
NAMED = 100
NAMED_IN_A_LINE = 5

LIST = (
    "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text;"
    " echo 'those that use the table belong into names of [functions] in the checklist'"
)
LOOK = (
    "aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query '[Description, Role, LastModified]';"
    " echo 'if it uses the table, add it to names of [functions] in the checklist, otherwise to not_ours'"
)
# The update replaces all variables, and prints them unless it is told what to print.
MERGE = (
    "(umask 077; merged=$(mktemp); trap 'rm -f \"$merged\"' EXIT;"
    " aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query Environment --output json"
    " | jq -n --argjson wanted {Wanted}"
    ' \'input | if .Error then error("it can not be decrypted") else . end'
    " | {{Variables: ((.Variables // {{}}) + $wanted)}}'"
    ' > "$merged"'
    " && aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    ' --environment "file://$merged" --query LastUpdateStatus --output text;'
    " echo 'what an alias serves is frozen: publish a version, then let the alias route to it')"
)
EDIT = f'"${{{{EDITOR:-vi}}}}" {{File}} && {RECORD}'
WHY = (
    "aws lambda get-function-configuration --function-name {FunctionName} --qualifier {Version} --region {region}"
    " --query '[LastUpdateStatus, LastUpdateStatusReason]'"
)


class FunctionUpdate(Transition):
    """An update of a function that was under way."""

    stored_as = "FunctionUpdate"


@rule.check(version=2, confirm=2, fix=LIST)
def functions(
    table: Table, belonging: Each[TableFunction], functions: Each[Function], checklist: Checklist, selected: Selected
) -> Iterator[Verdict]:
    """It is known which functions use the table, and those that the checklist names exist."""
    existing = {function.name for function in functions}
    for name in checklist.functions.names:
        if name not in existing:
            yield failed(f"the checklist names {name}, and there is no such function", resource=_arn(table, name))
    found = list(belonging)
    signals = {function.name: list(function.signals) for function in found}
    seen: dict[str, Any] = {
        "evidence": {"Functions": signals, "SelectedWithoutAccess": list(selected.without_access)},
        "watched": _members(signals),
        "carry": SelectedBefore(tuple(function.name for function in found if function.selected)),
    }
    vain = f"; selected, cannot reach the table: {_and(selected.without_access)}" if selected.without_access else ""
    if signals:
        yield passed(f"functions that use the table: {len(signals)}{vain}", **seen)
    elif lacking := unselected(checklist):
        yield lacking
    else:
        yield failed(f"no function is known to use the table{vain}", **seen)


@rule.check(on=Table, version=2, severity=Severity.MEDIUM, confirm=2, fix=LOOK)
def unclassified(unclassified: Each[Unclassified]) -> Iterator[Verdict]:
    """Of every function that may write to the table the checklist says whether it belongs."""
    none = True
    for function in unclassified:
        none = False
        evidence = {"FunctionName": function.name, "Signals": list(function.signals)}
        message = f"{', '.join(function.signals)}, and nobody has said whether it uses the table"
        yield warned(message, evidence=evidence, resource=function.arn)
    if none:
        yield passed("no other function may write to the table")


@rule.check(fix=MERGE)
def variables(table: Table, version: LiveVersion, variables: Variables | Unavailable, checklist: Checklist) -> Verdict:
    """Each version that runs has the variables that the checklist wants, as it wants them."""
    if fits_name(version.function, checklist.functions.stream_consumers):
        return not_applicable("it reads the table's stream alone")
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
    wrong = {name: said for name, value in wanted.items() if (said := _wrong(name, value, variables))}
    if not wrong:
        return passed("its variables are as they should be", evidence=evidence)
    watched = {name: shown.get(name) for name in wrong}
    return failed(_served(version) + "; ".join(wrong.values()), evidence=evidence, watched=watched)


@rule.check(severity=Severity.MEDIUM, fix=WHY)
def updated(version: LiveVersion, configuration: Configuration, now: Now, before: FunctionUpdate | None) -> Verdict:
    """The last update of each version that runs has ended well."""
    evidence = {
        "FunctionName": version.function,
        "Version": version.version,
        "LastUpdateStatus": configuration.update,
    }
    if configuration.update == "InProgress":
        update = continued(FunctionUpdate, before, configuration.update, now)
        judge = failed if update.overdue(now, UPDATE_LIMIT) else warned
        return judge(f"an update is under way since {update.since:%Y-%m-%d %H:%M} UTC", evidence=evidence, carry=update)
    if configuration.update != "Successful":
        return failed(f"{_served(version)}its last update is {configuration.update}", evidence=evidence)
    return passed("its last update has ended well", evidence=evidence)


@rule.check(severity=Severity.MEDIUM, version=2, fix=EDIT)
def env_file(table: Table, manifest: ApplicationManifest | None, checklist: Checklist) -> Verdict:
    """The application's own environment file names the table."""
    if lacking := unset(checklist, "functions.environment", "documentation.env"):
        return lacking
    if manifest is None:
        return no_manifest()
    wanted = _compared(table, manifest, checklist)
    first, found = checklist.documentation.env[0], manifest.says.env
    if found is None:
        return failed(f"there is no {first}", evidence={"File": first})
    wrong = _not_as_wanted(found, wanted)
    evidence = {"File": found.file.path, "Variables": list(found.names), "Wrong": wrong}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"Wrong": wrong}}
    if wrong:
        return failed(f"{found.file.path} does not set {_and(wrong)} as the checklist wants", **seen)
    if found.file.path != first:
        return warned(f"there is no {first} here, and {found.file.path} is only an example", **seen)
    return passed(f"{found.file.path} sets {_and(wanted)} as the checklist wants", **seen)


@rule.check(severity=Severity.LOW, version=2, fix=EDIT)
def readme(table: Table, manifest: ApplicationManifest | None, checklist: Checklist) -> Verdict:
    """What the variables are for is written down, with the table's name."""
    if lacking := unset(checklist, "functions.environment", "documentation.env_readme"):
        return lacking
    if manifest is None:
        return no_manifest()
    wanted = _compared(table, manifest, checklist)
    path, found = checklist.documentation.env_readme, manifest.says.env_readme
    if found is None:
        return failed(f"there is no {path}", evidence={"File": path})
    wrong = _not_as_wanted(found, wanted)
    seen: dict[str, Any] = {"evidence": {"File": path, "Wrong": wrong}, "watched": {"Wrong": wrong}}
    if wrong:
        return failed(f"{path} does not say {_and(wrong)} and the value that the checklist wants", **seen)
    return passed(f"{path} says {_and(wanted)} and the values that the checklist wants", **seen)


@rule.check(severity=Severity.LOW, required=False, fix=EDIT)
def agreed(manifest: ApplicationManifest, checklist: Checklist) -> Verdict:
    """The environment file and its README name the same variables."""
    env, written = manifest.says.env, manifest.says.env_readme
    if env is None or written is None:
        return not_applicable("one of the two does not exist")
    unwritten, unset = sorted({*env.names} - {*written.names}), sorted({*written.names} - {*env.names})
    evidence = {"File": checklist.documentation.env_readme, "Undocumented": unwritten, "Unset": unset}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"Undocumented": unwritten, "Unset": unset}}
    said = [f"{written.file.path} says nothing of {_and(unwritten)}"] if unwritten else []
    said += [f"{env.file.path} does not set {_and(unset)}"] if unset else []
    if said:
        return warned(", and ".join(said), **seen)
    return passed(f"{env.file.path} and {written.file.path} name the same variables", **seen)


def _compared(table: Table, manifest: ApplicationManifest, checklist: Checklist) -> dict[str, str]:
    """The variables that are wanted. Unreadable: the manifest was compared with other values."""
    wanted = expected(table, checklist)
    if manifest.says.wanted != wanted:
        detail = f"what was recorded on {manifest.at:%Y-%m-%d} was compared with another checklist: record it anew"
        raise Unreadable({}, Unavailable(Reason.STALE, detail=detail))
    return wanted


def _not_as_wanted(found: Named, wanted: Collection[str]) -> list[str]:
    return sorted({*wanted} - {*found.as_wanted})


def _and(names: Collection[str]) -> str:
    more = [f"{len(names) - NAMED_IN_A_LINE} more"] if len(names) > NAMED_IN_A_LINE else []
    return " and ".join([*sorted(names)[:NAMED_IN_A_LINE], *more]) or "nothing"


def _members(names: Collection[str]) -> dict[str, Any]:
    """By name, so that it can be told who left; of very many, whether any did."""
    if len(names) <= NAMED:
        return dict.fromkeys(names, "belongs")
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
    return {"functions": len(names), "digest": digest}


def _wrong(name: str, wanted: str, variables: Variables) -> str:
    """What is wrong with a variable; empty where nothing is."""
    value = variables.named.get(name)
    if value is None:
        return f"{name} is missing{_instead(variables.holders)}"
    if value == wanted:
        return ""
    if not bare(value):
        return f"{name} is empty"
    if bare(value) == wanted:
        about = "white space" if value.strip() == wanted else "quotes"
        return f"{name} is {wanted}, but with {about} around it"
    return f"{name} is {_shown(value)}, not {wanted}"


def _instead(holders: tuple[str, ...]) -> str:
    if not holders:
        return ""
    return f", but {' and '.join(holders)} {'names' if len(holders) == 1 else 'name'} the table"


def _shown(value: str) -> str:
    visible = value if value == bare(value) else repr(value)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}..."


def _served(version: LiveVersion) -> str:
    """Who runs it: all others would have to name the version."""
    if not version.aliases:
        return f"version {version.version}, which is invoked by its number: " if version.numbered else ""
    serve = "serves" if len(version.aliases) == 1 else "serve"
    which = version.version if version.version == LATEST else f"version {version.version}"
    return f"{' and '.join(version.aliases)} {serve} {which}: "


def _arn(table: Table, function: str) -> str:
    partition = table.arn.split(":")[1]
    return f"arn:{partition}:lambda:{table.region}:{table.account}:function:{function}"
