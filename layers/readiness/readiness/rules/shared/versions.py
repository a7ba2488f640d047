"""The name of a function version in a message."""

from readiness.facts.lambda_.live_versions import LiveVersion


def qualified(version: LiveVersion) -> str:
    """Return the function and version, with how callers invoke it, such as `checkout:7 (alias live)`."""
    name = f"{version.function}:{version.version}"
    if version.aliases:
        return f"{name} ({'alias' if len(version.aliases) == 1 else 'aliases'} {', '.join(version.aliases)})"
    return f"{name} (invoked by version number)" if version.numbered else name
