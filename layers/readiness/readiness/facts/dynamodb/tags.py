"""Tags of a table."""

from collections.abc import Mapping

from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, existing
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact


class TableTags(Fact):
    """The values of the tags that the checklist demands, and the keys that are similar to one of them (`near`).

    Other tags are not kept.
    """

    values: Mapping[str, str]
    near: tuple[str, ...] = ()


@fact("dynamodb:ListTagsOfResource", events=("dynamodb:TagResource", "dynamodb:UntagResource"))
def table_tags(aws: Aws, table: Table, checklist: Checklist) -> TableTags:
    """Read the tags by ListTagsOfResource, which is current; the Resource Groups Tagging API is delayed."""
    wanted = checklist.tags
    alike = {_plain(key) for key in wanted}
    with existing(table):
        pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=table.arn)
        listing = list(listed(pages, "Tags", "dynamodb:ListTagsOfResource"))
    tags = {tag.need("Key", str): tag.need("Value", str) for tag in listing}
    return TableTags(
        values={key: tags[key] for key in sorted(tags) if key in wanted},
        near=tuple(key for key in sorted(tags) if key not in wanted and _plain(key) in alike),
    )


def _plain(key: str) -> str:
    return key.strip().casefold()
