"""Whether what keeps the failed events of a function is ever used, and what is said where nothing does."""

from collections.abc import Mapping
from typing import Any

from readiness.aws.arn import LATEST
from readiness.engine.each import Each
from readiness.facts.lambda_.async_metrics import AsyncMetrics
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.qualifiers import Qualifier
from readiness.facts.lambda_.ways import Way
from readiness.model import Reason, Unavailable, Unreadable

UNCOUNTED = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData")


def inert(
    qualifier: Qualifier, way: Way, sources: Each[FunctionSource], metrics: AsyncMetrics | Unavailable
) -> str | None:
    """Why nothing ever gets there; None where something may."""
    if way.asynchronous or way.others:
        return None
    if way.unread:
        raise Unreadable({qualifier.arn: way.unread})
    polled = not way.synchronous and any(source.qualifier == way.name for source in sources)
    if not (way.synchronous or polled) or received(qualifier, metrics):
        return None
    if polled:
        return "what is polled goes to the dead-letter queue or destination of its source"
    return (
        f"whoever invokes it ({', '.join(way.synchronous)}) waits for the answer, and Lambda never uses a dead-letter"
        " queue or destination for synchronous invocations; retry and idempotency must be in the caller"
    )


def unkept(way: Way) -> str:
    """Why an event that fails on this way is lost."""
    if way.keepers:
        return f"nothing keeps the failed events of version {', '.join(way.unkept)}"
    if way.synchronous and not way.asynchronous and not way.others:
        return f"there is no dead-letter queue, though {', '.join(way.synchronous)} would not use one"
    return f"nothing keeps the failed events of {way.name}"


def received(qualifier: Qualifier, metrics: AsyncMetrics | Unavailable) -> int:
    """How many asynchronous events the function got by any of its qualifiers."""
    if isinstance(metrics, Unavailable):
        raise Unreadable({qualifier.arn: metrics})
    return counted(qualifier.function, qualifier.arn, metrics)["AsyncEventsReceived"]


def counted(function: str, arn: str, metrics: AsyncMetrics) -> Mapping[str, int]:
    """The sums of a function. Unreadable, for the resource of that ARN: CloudWatch could not say."""
    if function not in metrics.of:
        raise Unreadable({arn: metrics.unread or UNCOUNTED})
    return metrics.of[function]


def evidence_of(qualifier: Qualifier, way: Way) -> dict[str, Any]:
    """What was seen of one way to invoke a function."""
    return {
        "FunctionName": qualifier.function,
        "Qualifier": qualifier.name,
        "QualifiedName": qualifier.function if qualifier.name == LATEST else f"{qualifier.function}:{qualifier.name}",
        "Principal": [*way.synchronous, *way.asynchronous, *way.others],
        "TargetArn": list(way.keepers),
        "RoleName": way.role.rpartition("/")[2],
    }
