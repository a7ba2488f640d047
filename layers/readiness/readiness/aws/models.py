"""The service models of the package: of each service, the operations that a run calls, and the shapes that they reach.

botocore's own models describe every operation of every service. To read those of one service takes twice as long as
everything else that creates its client, and those of all services take a third of the memory of a check. `make models`
writes the files from botocore's. They also say which members of an answer the package knows, whatever botocore it runs
with.

This module imports botocore, so it is imported only before a call.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

FOLDER = Path(__file__).with_name("models")
ENDPOINTS = "endpoints"
"""The name that botocore gives to the endpoints and Regions of all services."""


class Models(Loader):
    """A loader that knows the models of the package; those of other services and other data are botocore's own.

    botocore needs the others for credentials: SSO has services of its own, for example.
    """

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return a document of a service, such as `service-2` or `paginators-1`. DataNotFoundError: there is none."""
        model = _document(service_name)
        if model is None:
            return super().load_service_model(service_name, type_name, api_version)
        if type_name not in model:
            raise DataNotFoundError(data_path=f"{service_name}/{type_name}")
        return model[type_name]

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Return a document that is not about one service, and the path of botocore's own."""
        endpoints = _document(ENDPOINTS) if name == ENDPOINTS else None
        if endpoints is None:
            found: tuple[Any, str] = super().load_data_with_path(name)
            return found
        return endpoints, os.path.join(self.BUILTIN_DATA_PATH, name)  # noqa: PTH118  botocore compares it as text


@cache
def _document(name: str) -> Any:
    """Return the document of a file of the package; None if there is none."""
    try:
        return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    except FileNotFoundError:
        return None
