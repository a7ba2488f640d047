"""The controls that a check answers for, as text. Pure."""

from collections.abc import Iterable

from readiness.engine.control import Control, Framework
from readiness.report.content import ControlLine

Named = Control | ControlLine


def control_list(controls: Iterable[Named]) -> str:
    """Return the controls as a text, such as `AWS Config a, b (related); Prowler c`, by framework."""
    ids: dict[tuple[str, str], list[str]] = {}
    for each in controls:
        ids.setdefault((each.framework, _remark(each)), []).append(each.id)
    return "; ".join(
        f"{framework} {', '.join(names)}{f' ({remark})' if remark else ''}"
        for (framework, remark), names in ids.items()
    )


def requirements(controls: Iterable[ControlLine]) -> list[str]:
    """Return one text for each control of a standard, such as `AWS Security Hub DynamoDB.4, related`.

    The checks of Prowler are left out: it is a tool, not a standard.
    """
    return [
        f"{each.framework} {each.id}{', related' if each.related else ''}"
        for each in controls
        if each.framework != Framework.PROWLER
    ]


def _remark(control: Named) -> str:
    if isinstance(control, Control):
        return control.remark
    return "related" if control.related else ""
