"""The functions whose failed events must be kept, and by which names each of them is invoked."""

from collections import defaultdict

from readiness.aws.arn import LATEST
from readiness.checklist import fits_name
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.lambda_.live_versions import LiveVersion, no_function
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact


class KeptFunction(Fact):
    """A function of the table whose failed events must be kept. Its key is its ARN, without a qualifier."""

    name: str
    arn: str


@fact()
def kept_functions(function: TableFunction, checklist: Checklist) -> Each[KeptFunction]:
    """The function itself, if the checklist demands it of that name; else none."""
    if not fits_name(function.name, checklist.functions.dead_letters_required):
        return Each({})
    return Each({function.arn: KeptFunction(function.name, function.arn)})


class Qualifier(Fact):
    """A name by which the function is invoked: an alias, a number, or `$LATEST`, which is also what no qualifier means.

    Its key is its ARN, always with the qualifier. `versions` are the ARNs of those that it routes to.
    """

    function: str
    arn: str
    name: str
    versions: tuple[str, ...]


@fact()
def qualifiers(function: KeptFunction, versions: Each[LiveVersion]) -> Each[Qualifier]:
    """`$LATEST`, every alias, and the number of each version that is invoked by it. Gone: the function has none."""
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
