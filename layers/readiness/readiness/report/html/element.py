"""HTML from templates of ours and values of others. MarkupSafe escapes every value."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from readiness.model import Status
from readiness.printable import line
from readiness.report.as_text import UNICODE
from readiness.report.items import Kind

LABELS = {
    Kind.NOT_RECORDED: "not recorded",
    Kind.WAIVED: "waived",
    Kind.NOT_CONFIGURED: "not configured",
}
"""The label beside the status of an item or a finding, by kind."""

SHORT = {Status.NOT_APPLICABLE: "N/A"}

LINKS = ("https://", "http://")


def element(template: str, *values: Any, **named: Any) -> Markup:
    """Return the template with the values in place of its braces, by position or by name.

    Markup is inserted as it is. Any other value is put on one line, without control characters and bidirectional marks,
    and escaped.
    """
    filled = {name: _safe(value) for name, value in named.items()}
    return Markup(template).format(*map(_safe, values), **filled)  # noqa: S704  templates are ours  # nosec B704


def joined(parts: Iterable[Markup]) -> Markup:
    """Return the parts one after another."""
    return Markup().join(parts)


def verbatim(text: str) -> Markup:
    """Return escaped text for `data-` attributes and commands.

    Spaces replace control characters and bidirectional marks one by one, and all other characters stay.
    """
    return Markup.escape("".join(each if each.isprintable() else " " for each in text))


def pill(status: Status, kind: Kind) -> Markup:
    """Return a status with the symbol of its kind, and what the kind says beside it."""
    shown = element(
        '<span class="pill {}"><span aria-hidden="true">{}</span> {}</span>',
        tone(kind),
        UNICODE[kind],
        SHORT.get(status, status),
    )
    return shown + (element(' <span class="chip">{}</span>', LABELS[kind]) if kind in LABELS else "")


def tone(kind: Kind) -> str:
    """Return the class of the style sheet for the colour of a kind."""
    return kind.name.lower().replace("_", "-")


def link(address: str, text: str) -> Markup:
    """Return a link that opens without a referrer; only the text of an address that is not one of the Web."""
    if not address.startswith(LINKS):
        return element("{}", text)
    return element('<a href="{}" rel="noopener noreferrer">{}</a>', address, text)


def pairs(rows: Iterable[tuple[str, Any]]) -> Markup:
    """Return a list of labels with their values, without those whose value is empty."""
    filled = [element("<div><dt>{}</dt><dd>{}</dd></div>", label, value) for label, value in rows if value]
    return element("<dl>{}</dl>", joined(filled)) if filled else Markup()


def _safe(value: Any) -> Markup | str:
    return value if isinstance(value, Markup) else line(str(value))
