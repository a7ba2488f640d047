"""The use of a function's dead-letter queue or destination, and the message where there is none."""

from collections.abc import Mapping
from typing import Any

from readiness.aws.arn import LATEST
from readiness.engine.each import Each
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.invocation_paths import InvocationPath, Qualifier
from readiness.facts.lambda_.metrics import AsyncMetrics
from readiness.model import Reason, Unavailable, Unreadable

UNCOUNTED = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData")


def inert(
    qualifier: Qualifier, way: InvocationPath, sources: Each[FunctionSource], metrics: AsyncMetrics | Unavailable
) -> str | None:
    """Return why the dead-letter queue or destination is never used; None where it may be."""
    if way.asynchronous or way.others:
        return None
    if way.unread:
        raise Unreadable({qualifier.arn: way.unread})
    polled = not way.synchronous and any(source.qualifier == way.name for source in sources)
    if not (way.synchronous or polled) or received(qualifier, metrics):
        return None
    if polled:
        return "polled events go to the dead-letter queue or destination of their source"
    return (
        f"{', '.join(way.synchronous)} invokes it synchronously, and Lambda never uses a dead-letter queue or"
        " destination for synchronous invocations; retry and idempotency must be in the caller"
    )


def unkept(way: InvocationPath) -> str:
    """Return why a failed event of this qualifier is lost."""
    if way.keepers:
        return f"no dead-letter queue or destination for version {', '.join(way.unkept)}: failed events are lost"
    if way.synchronous and not way.asynchronous and not way.others:
        return f"no dead-letter queue or destination; {', '.join(way.synchronous)}, synchronous, would not use one"
    return f"no dead-letter queue or destination for {way.name}: failed events are lost"


def received(qualifier: Qualifier, metrics: AsyncMetrics | Unavailable) -> int:
    """Return the number of asynchronous events of the function, over all qualifiers."""
    if isinstance(metrics, Unavailable):
        raise Unreadable({qualifier.arn: metrics})
    return counted(qualifier.function, qualifier.arn, metrics)["AsyncEventsReceived"]


def counted(function: str, arn: str, metrics: AsyncMetrics) -> Mapping[str, int]:
    """Return the metric sums of a function. Raises Unreadable, for the resource `arn`, where CloudWatch had none."""
    if function not in metrics.of:
        raise Unreadable({arn: metrics.unread or UNCOUNTED})
    return metrics.of[function]


def evidence_of(qualifier: Qualifier, way: InvocationPath) -> dict[str, Any]:
    """Return the evidence on one qualifier of a function and its invokers."""
    return {
        "FunctionName": qualifier.function,
        "Qualifier": qualifier.name,
        "QualifiedName": qualifier.function if qualifier.name == LATEST else f"{qualifier.function}:{qualifier.name}",
        "Principal": [*way.synchronous, *way.asynchronous, *way.others],
        "TargetArn": list(way.keepers),
        "RoleName": way.role.rpartition("/")[2],
    }
