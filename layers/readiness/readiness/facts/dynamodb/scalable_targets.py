"""Application Auto Scaling targets of a table."""

from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.model import Fact


class ScalableTargets(Fact):
    """The scalable targets of the table and its indexes, as resource id and dimension, sorted."""

    targets: tuple[str, ...]


@fact("application-autoscaling:DescribeScalableTargets")
def scalable_targets(aws: Aws, table: Table, description: TableDescription) -> ScalableTargets:
    """List the targets. Resources without a target are not in the response."""
    own = f"table/{table.name}"
    resources = [own, *(f"{own}/index/{index}" for index in description.indexes)]
    paginator = aws.client("application-autoscaling").get_paginator("describe_scalable_targets")
    pages = paginator.paginate(ServiceNamespace="dynamodb", ResourceIds=resources)
    found = listed(pages, "ScalableTargets", "application-autoscaling:DescribeScalableTargets")
    return ScalableTargets(
        tuple(sorted(f"{each.need('ResourceId', str)} {each.need('ScalableDimension', str)}" for each in found))
    )
