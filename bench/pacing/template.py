"""What template.yaml gives run_check: its workers, and how long they wait for a turn."""

from samtranslator.yaml_helper import yaml_parse

from local.home import REPO

_TEMPLATE = yaml_parse((REPO / "template.yaml").read_text(encoding="utf-8"))
_QUEUES = _TEMPLATE["Resources"]["RunCheck"]["Properties"]["Events"].values()

WORKERS = max(int(queue["Properties"]["ScalingConfig"]["MaximumConcurrency"]) for queue in _QUEUES)
LONGEST_WAIT_MS = int(_TEMPLATE["Parameters"]["LongestWait"]["Default"])
