"""Cost allocation tags of the account."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.fact import fact
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Fact

ACTIVE = "Active"


class CostTags(Fact):
    """The status of each demanded tag key: Active, Inactive, or None: it had no costs for a day yet."""

    stored_as = "CostTags"

    read_at: datetime
    status: Mapping[str, str | None]


@fact(
    "ce:ListCostAllocationTags",
    "sts:AssumeRole",
    events=("ce:UpdateCostAllocationTagsStatus",),
    keeps=timedelta(days=1),
)
def cost_tags(aws: Aws, checklist: Checklist, settings: Settings, now: Now) -> CostTags:
    """Read the status of the tag keys. In an organization, only the management account can. A request costs 0.01 USD.

    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    status: dict[str, str | None] = dict.fromkeys(sorted(checklist.tags))
    if status:
        payer = settings.cost.payer_role_arn
        client = aws.assumed("ce", payer) if payer else aws.client("ce")
        pages = client.get_paginator("list_cost_allocation_tags")
        asked = pages.paginate(TagKeys=list(status), Type="UserDefined")
        for tag in listed(asked, "CostAllocationTags", "ce:ListCostAllocationTags"):
            status[tag.need("TagKey", str)] = tag.need("Status", str)
    return CostTags(now.at, status)
