"""What could bring a deleted key back: anything that copies the table of keys."""

from collections.abc import Iterator

from ops.deployment import Deployment


def copies_of_keys(stack: Deployment) -> Iterator[str]:
    """Each thing that copies the table of keys, with what to do; nothing where a deleted key is gone for good."""
    client, name = stack.client("dynamodb"), stack.output("KeysTableName")
    kept = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    if kept.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        yield "point-in-time recovery keeps deleted keys: switch it off"
    about = client.describe_table(TableName=name)["Table"]
    if (about.get("StreamSpecification") or {}).get("StreamEnabled"):
        yield "a stream hands keys on: switch it off"
    if about.get("Replicas"):
        yield "a replica holds keys: remove it"
    for backup in client.list_backups(TableName=name, BackupType="ALL")["BackupSummaries"]:
        yield f"the backup {backup['BackupName']} holds keys: delete it"
