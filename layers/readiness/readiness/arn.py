"""The fields of an ARN; of a text that is none they are empty."""

SERVICE, REGION, ACCOUNT = 2, 3, 4


def service_of(arn: str) -> str:
    """The service that it names; of a Kafka topic, which has no ARN, `kafka`."""
    return arn.partition(":")[0] if "://" in arn else _field(arn, SERVICE)


def region_of(arn: str) -> str:
    """The Region that it names."""
    return _field(arn, REGION)


def account_of(arn: str) -> str:
    """The account that it names; empty for a bucket."""
    return _field(arn, ACCOUNT)


def name_of(arn: str) -> str:
    """What stands behind the last colon, such as the name of a queue or topic."""
    return arn.rpartition(":")[2]


def _field(arn: str, at: int) -> str:
    return next(iter(arn.split(":")[at:]), "")
