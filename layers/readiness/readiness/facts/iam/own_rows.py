"""The items of the monitor in a table, and the parameter with the key that signs them: no other role needs them."""

from readiness.iam.reserved import Reserved

OWN_ROW = "READINESS#x"
"""A partition key of an item of the monitor, which all begin like this."""


def own_rows_of(table: str) -> Reserved:
    """Return the items and the parameter for the table with that ARN."""
    return Reserved(table, OWN_ROW, signing_key(table))


def signing_key(table: str) -> str:
    """Return the ARN of the parameter with the key that signs the items in the table with that ARN."""
    _, partition, _, region, account, resource = table.split(":", 5)
    path = f"readiness/{account}/{region}/{resource.partition('/')[2]}/key"
    return f"arn:{partition}:ssm:{region}:{account}:parameter/{path}"
