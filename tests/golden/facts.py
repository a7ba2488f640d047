"""How the fixed tables say what is known of them."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[Any, Any]
"""By what a check asks for: `X`, or `Each[X]`."""
