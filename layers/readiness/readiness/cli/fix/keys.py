"""The rotation of a customer managed key."""

from readiness.aws.client import Aws
from readiness.cli.fix.effects import Effect, Values, client, same_names
from readiness.model import Call


def _rotation(aws: Aws, call: Call) -> tuple[Values, Values]:
    now = client(aws, call).get_key_rotation_status(KeyId=call.parameters["KeyId"])
    days = call.parameters["RotationPeriodInDays"]
    if not now.get("KeyRotationEnabled"):
        return {"KeyRotationEnabled": False}, {"KeyRotationEnabled": True, "RotationPeriodInDays": days}
    return same_names(now, {"KeyRotationEnabled": True, "RotationPeriodInDays": days})


EFFECTS = {
    "EnableKeyRotation": Effect(
        _rotation,
        "kms:GetKeyRotationStatus",
        "Rotated key material stays, and the first two rotations of a key add 1 USD a month each.",
    ),
}
