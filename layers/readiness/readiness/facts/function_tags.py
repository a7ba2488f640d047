"""The tags of Lambda functions, as far as the checklist selects by them."""

from collections.abc import Mapping
from dataclasses import dataclass

from readiness.aws import Aws
from readiness.checklist import Settings
from readiness.fact import fact


@dataclass(frozen=True)
class FunctionTags:
    """By the ARN of each tagged function, the tags whose keys the checklist names."""

    of: Mapping[str, Mapping[str, str]]


@fact("tag:GetResources")
def function_tags(aws: Aws, settings: Settings) -> FunctionTags:
    """No call is made where the checklist selects by no tag."""
    wanted = [settings.functions, *(table.functions for table in settings.tables if table.functions)]
    keys = {key for functions in wanted for key in functions.tags}
    if not keys:
        return FunctionTags({})
    paginator = aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
    pages = paginator.paginate(ResourceTypeFilters=["lambda:function"])
    of: dict[str, Mapping[str, str]] = {}
    for resource in (resource for page in pages for resource in page["ResourceTagMappingList"]):
        tags = {tag["Key"]: tag["Value"] for tag in resource.get("Tags", []) if tag["Key"] in keys}
        if tags:
            of[resource["ResourceARN"]] = tags
    return FunctionTags(of)
