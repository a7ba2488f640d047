"""Write template.yaml after the SAM transform, which CDK can include, to the file that is named."""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def transformed(template: Path) -> dict[str, Any]:
    """Return the template after the SAM transform, with its resources in their order and by their logical IDs."""
    document: dict[str, Any] = yaml_parse(template.read_text(encoding="utf-8"))
    order = list(document["Resources"])
    for resource in document["Resources"].values():
        for place in resource["Properties"].keys() & {"CodeUri", "ContentUri"}:
            resource["Properties"][place] = "s3://bucket/key"
    session = boto3.Session(region_name="us-east-1")
    done: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(document, {})
    # SAM adds a hash to the logical ID of a layer.
    layers = {name: _layer(name, order) for name, each in done["Resources"].items() if _is_layer(each)}
    renamed: dict[str, Any] = _renamed(done, layers)
    renamed["Resources"] = dict(sorted(renamed["Resources"].items(), key=lambda each: _place(each[0], order)))
    return renamed


def _is_layer(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Lambda::LayerVersion")


def _layer(name: str, order: list[str]) -> str:
    return next(each for each in order if name.startswith(each))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def _place(name: str, order: list[str]) -> tuple[int, str]:
    """Return the place of a resource. SAM makes resources of a function, whose names begin with the function's."""
    owner = name if name in order else max((each for each in order if name.startswith(each)), key=len)
    return order.index(owner), name


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(transformed(TEMPLATE), indent=2) + "\n", encoding="utf-8")
