"""Whether we are shown composite alarms at all. Pure."""

from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.iam.principals import Principal
from readiness.iam.evaluate import Access, Identity, access
from readiness.iam.match import ANY
from readiness.model import Fact, Reason, Unavailable

PERMISSION = "cloudwatch:DescribeAlarms"
ADVICE = "composite alarms are shown only to who may do so on *, and through one of them it may page: allow it on *"


class CompositeSight(Fact):
    """Why there may be composite alarms that we are not shown; None where there are none but those we saw."""

    unseen: Unavailable | None


@fact()
def composite_sight(aws: Aws, alarms: Each[Alarm], principals: Each[Principal]) -> CompositeSight:
    """As long as none is shown, what may be seen is read off the policies of who looks.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html. Who has no role or user
    of this account, as root, has no narrower one.
    """
    known, _ = alarms.readable()
    if any(alarm.kind == "composite" for alarm in known):
        return CompositeSight(None)
    kind, name = _who(aws.who)
    found, unread = principals.readable()
    own = [each.identity for each in found if (each.identity.kind, each.name) == (kind, name)]
    if own:
        narrow = all(_narrow(identity) for identity in own)
        return CompositeSight(Unavailable(Reason.ACCESS_DENIED, PERMISSION, ADVICE) if narrow else None)
    return CompositeSight(unread)


def _narrow(identity: Identity) -> bool:
    return access(identity, PERMISSION, ANY) in {Access.NONE, Access.BOUNDED}


def _who(arn: str) -> tuple[str, str]:
    """What looks, and its name: `arn:aws:sts::123456789012:assumed-role/monitor/session` is the role `monitor`."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    return ("role", path.partition("/")[0]) if kind == "assumed-role" else (kind, path.rpartition("/")[2])
