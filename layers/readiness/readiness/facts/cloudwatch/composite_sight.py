"""The visibility of composite alarms to the monitor's role. Pure."""

from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.iam.principals import Principal
from readiness.iam.evaluate import Access, access
from readiness.iam.match import ANY
from readiness.model import Fact, Reason, Unavailable

PERMISSION = "cloudwatch:DescribeAlarms"
ADVICE = "composite alarms, through which the alarm may page, are returned only with this permission on resource *"


class CompositeSight(Fact):
    """The reason why DescribeAlarms may leave out composite alarms; None where the list is complete."""

    unseen: Unavailable | None


@fact()
def composite_sight(aws: Aws, alarms: Each[Alarm], principals: Each[Principal]) -> CompositeSight:
    """Return the visibility: by any composite alarm returned, else by the policies of the caller's role or user.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html. A caller without a role or
    user of this account, such as root, is not restricted.
    """
    known, _ = alarms.readable()
    if any(alarm.kind == "composite" for alarm in known):
        return CompositeSight(None)
    kind, name = _who(aws.who)
    found, unread = principals.readable()
    own = [each for each in found if (each.known.kind, each.name) == (kind, name)]
    if why := next(filter(None, (each.incomplete for each in own)), None):
        return CompositeSight(why)
    if own:
        narrow = all(access(each.identity, PERMISSION, ANY) in {Access.NONE, Access.BOUNDED} for each in own)
        return CompositeSight(Unavailable(Reason.ACCESS_DENIED, PERMISSION, ADVICE) if narrow else None)
    return CompositeSight(unread)


def _who(arn: str) -> tuple[str, str]:
    """Return kind and name of the caller: `arn:aws:sts::...:assumed-role/monitor/session` is the role `monitor`."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    return ("role", path.partition("/")[0]) if kind == "assumed-role" else (kind, path.rpartition("/")[2])
