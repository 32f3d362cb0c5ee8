"""Tables in MiniStack, exactly as template.yaml has them."""

from typing import Any

import boto3
from samtranslator.yaml_helper import yaml_parse

from local import cloud
from local.home import REPO, Home

PARTS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")


def made(home: Home, resource: str) -> Any:
    """The table that the template calls so, as boto3 has it, once it is there."""
    about = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))["Resources"][resource]["Properties"]
    parts = {name: about[name] for name in PARTS if name in about}
    table = boto3.resource("dynamodb", **cloud.access(home)).create_table(TableName=f"facegate-{resource}", **parts)
    table.wait_until_exists()
    return table
