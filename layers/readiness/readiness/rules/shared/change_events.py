"""The facts whose change events several rules share."""

from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function, FunctionTags
from readiness.facts.lambda_.live_versions import Aliases, Configuration

FUNCTIONS: tuple[type, ...] = (Configuration, Function, Aliases, FunctionTags, EventSource)
"""The facts that select the functions of a table."""
