"""What template.yaml gives run_check: its workers for a backlog, and how long they wait for a turn."""

from samtranslator.yaml_helper import yaml_parse

from local.home import REPO

_PARAMETERS = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))["Parameters"]

WORKERS = int(_PARAMETERS["BulkWorkers"]["Default"])
LONGEST_WAIT_MS = int(_PARAMETERS["LongestWait"]["Default"])
