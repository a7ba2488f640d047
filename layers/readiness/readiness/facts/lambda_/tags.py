"""Tags of Lambda functions by which the checklist selects them."""

from collections.abc import Mapping

from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.fact import fact
from readiness.model import Fact


class FunctionTags(Fact):
    """The tags whose keys the checklist names, by the ARN of each tagged function."""

    of: Mapping[str, Mapping[str, str]]


@fact("tag:GetResources", events=("lambda:TagResource20170331v2", "lambda:UntagResource20170331v2"))
def function_tags(aws: Aws, settings: Settings) -> FunctionTags:
    """Read the tags. No call is made if the checklist does not select by tags."""
    wanted = [settings.functions, *(table.functions for table in settings.tables if table.functions)]
    keys = {key for functions in wanted for key in functions.tags}
    if not keys:
        return FunctionTags({})
    paginator = aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    pages = paginator.paginate(ResourceTypeFilters=["lambda:function"])
    of: dict[str, Mapping[str, str]] = {}
    for resource in listed(pages, "ResourceTagMappingList", "tag:GetResources"):
        named = {tag.need("Key", str): tag for tag in resource.parts_or_empty("Tags")}
        tags = {key: tag.need("Value", str) for key, tag in named.items() if key in keys}
        if tags:
            of[resource.need("ResourceARN", str)] = tags
    return FunctionTags(of)
