"""Functions that require a dead-letter queue, and the qualifiers by which they are invoked."""

from collections import defaultdict

from readiness.aws.arn import LATEST
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.lambda_.live_versions import LiveVersion, no_function
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact


class DlqFunction(Fact):
    """A function of the table that requires a dead-letter queue. Its key is its ARN, without a qualifier."""

    stored_as = "KeptFunction"

    name: str
    arn: str


@fact()
def dlq_functions(function: TableFunction, checklist: Checklist) -> Each[DlqFunction]:
    """Return the function itself if `dead_letters_required` of the checklist matches its name; else none."""
    if not fits_name(function.name, checklist.functions.dead_letters_required):
        return Each({})
    return Each({function.arn: DlqFunction(function.name, function.arn)})


class Qualifier(Fact):
    """An alias, a version number, or `$LATEST`, and the ARNs of the `versions` that it routes to."""

    function: str
    arn: str
    name: str
    versions: tuple[str, ...]


@fact()
def qualifiers(function: DlqFunction, versions: Each[LiveVersion]) -> Each[Qualifier]:
    """Return `$LATEST`, every alias, and each version that is invoked by number. Raise Gone where there are none."""
    found, unlisted = versions.readable()
    if not found and unlisted is None:
        raise no_function(function.name)
    behind: defaultdict[str, list[str]] = defaultdict(list, {LATEST: [f"{function.arn}:{LATEST}"]})
    for version in found:
        for name in (*version.aliases, *((version.version,) if version.numbered else ())):
            behind[name].append(version.arn)
    elements = {
        f"{function.arn}:{name}": Qualifier(function.name, f"{function.arn}:{name}", name, tuple(sorted(routed)))
        for name, routed in behind.items()
    }
    return Each(elements, unlisted)
