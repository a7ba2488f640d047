"""Remedies of several rules, and of several resources. Pure."""

from collections.abc import Iterable, Mapping

from readiness.model import Call, Remedy


def enable_recovery(region: str = "{region}") -> Call:
    """Return the call that enables PITR with the recovery window of the checklist."""
    wanted = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": "{window_days}"}
    parameters = {"TableName": "{table}", "PointInTimeRecoverySpecification": wanted}
    return Call("dynamodb", "UpdateContinuousBackups", parameters, region)


def of_each(command: str, things: Iterable[Mapping[str, str]]) -> Remedy:
    """Return the command once per resource, joined by `&&`. Every resource has values for the same fields."""
    commands = []
    values: dict[str, str] = {}
    for number, thing in enumerate(things, 1):
        numbered = {name: f"{name}{number}" for name in thing}
        filled = command
        for name, other in numbered.items():
            filled = filled.replace(f"{{{name}}}", f"{{{other}}}")
        commands.append(filled)
        values |= {numbered[name]: value for name, value in thing.items()}
    return Remedy(" && ".join(commands), values)
