"""The fields of an ARN."""

REGION, ACCOUNT = 3, 4


def service_of(arn: str) -> str:
    """The service that it names; of a Kafka topic, which has no ARN, `kafka`."""
    return arn.partition(":")[0] if "://" in arn else arn.split(":")[2]


def region_of(arn: str) -> str:
    """The Region that it names."""
    return arn.split(":")[REGION]


def account_of(arn: str) -> str:
    """The account that it names; empty for a bucket."""
    return arn.split(":")[ACCOUNT]


def name_of(arn: str) -> str:
    """What stands behind the last colon, such as the name of a queue or topic."""
    return arn.rpartition(":")[2]
