"""The rules of template.yaml, on what SAM makes of it and on what it says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from chaos.stage import PARAMETERS as SHORTENED
from facegate import shown
from facegate.adapters.dialling import AHEAD_S
from facegate.model import Kind
from facegate.pacing import Pace
from facegate.problems import BY_CODE
from facegate.settings import BadSettings, Settings, numbers_of, table_of
from facegate.vendors import VENDORS
from facegate.vendors.served import SERVED
from facegate.webhooks import delivery
from local import cloud

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
PUBLIC = {
    ("/v1/storage_events", "post"), ("/v1/errors", "get"), ("/v1/vendors", "get"), ("/v1/openapi.json", "get"),
    ("/{proxy+}", "options"),
}  # fmt: skip
SECRETS = {  # what each function reads, and no more
    "Authorize": set(), "OpenVerification": {"vendor", "cos", "pepper"}, "StoreMedia": {"cos", "relay", "pepper"},
    "RunCheck": {"vendor", "cos", "pepper"}, "VendorEndpoint": {"vendor", "cos", "pepper"}, "DeliverResult": set(),
    "ReadVerification": {"cos", "pepper"},
    "ManageWebhooks": {"pepper"},
    "Sweep": {"cos"},
}  # fmt: skip
DROP_BUCKET = "${AWS::StackName}-drop-${AWS::AccountId}-${AWS::Region}"
DROPS = {name: (f":{DROP_BUCKET}/drop/*",) for name in ("OpenVerification", "ReadVerification", "Sweep")}
DROPS["StoreMedia"] = (f":{DROP_BUCKET}/*",)
FOUR_DAYS_S = 345_600  # what SQS keeps where nothing is said
WORKED = ("CheckQueue", "BulkQueue", "DeliveryQueue")


def _raw() -> Any:
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


def _transformed() -> dict[str, Any]:
    raw = _raw()
    for resource in raw["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][name] = "s3://bucket/key"  # SAM wants it uploaded
    session = boto3.Session(region_name="ap-southeast-1", aws_access_key_id="test", aws_secret_access_key="test")
    parameters = {name: about["Default"] for name, about in raw["Parameters"].items()}
    made = Translator({}, Parser(), boto_session=session).translate(raw, parameters)
    return json.loads(json.dumps(made["Resources"]))  # type: ignore[no-any-return]


RAW, RESOURCES = _raw(), _transformed()
DEFAULTS = {name: str(about["Default"]) for name, about in RAW["Parameters"].items()}
LOCALLY = {**DEFAULTS, **cloud.PARAMETERS}
CAMPAIGN = {**LOCALLY, **SHORTENED}
EVERYWHERE = pytest.mark.parametrize("given", [DEFAULTS, LOCALLY, CAMPAIGN], ids=["default", "local", "campaign"])


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: found["Properties"] for name, found in RESOURCES.items() if found["Type"] == f"AWS::{kind}"}


FUNCTIONS, QUEUES, MAPPINGS = of_type("Lambda::Function"), of_type("SQS::Queue"), of_type("Lambda::EventSourceMapping")


def said(value: Any, parameters: dict[str, str]) -> int:
    return int(parameters[value["Ref"]] if isinstance(value, dict) else value)


def target(value: Any) -> str:
    """The resource behind a !GetAtt or !Ref."""
    return str(value["Fn::GetAtt"][0] if "Fn::GetAtt" in value else value["Ref"])


def statements(function: str) -> Iterator[dict[str, Any]]:
    for policy in RESOURCES[f"{function}Role"]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("parameters", [DEFAULTS, LOCALLY], ids=["default", "local"])
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_a_message_stays_away_six_times_as_long_as_its_function_may_run(
    mapping: str, parameters: dict[str, str]
) -> None:
    queue, function = target(MAPPINGS[mapping]["EventSourceArn"]), target(MAPPINGS[mapping]["FunctionName"])
    visibility = said(QUEUES[queue]["VisibilityTimeout"], parameters)
    assert visibility >= 6 * said(FUNCTIONS[function]["Timeout"], parameters)


def test_each_queue_has_a_function_and_a_failed_message_comes_back_alone() -> None:
    assert {target(mapping["EventSourceArn"]) for mapping in MAPPINGS.values()} == {*WORKED}
    for mapping in MAPPINGS.values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_each_queue_has_dead_letters_that_are_kept_longer_than_its_own() -> None:
    for queue in WORKED:
        redrive = QUEUES[queue]["RedrivePolicy"]
        dead = QUEUES[target(redrive["deadLetterTargetArn"])]
        assert said(redrive["maxReceiveCount"], DEFAULTS) == 20
        assert dead["MessageRetentionPeriod"] > QUEUES[queue].get("MessageRetentionPeriod", FOUR_DAYS_S)


def test_the_table_survives_everything() -> None:
    table = RESOURCES["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    about = table["Properties"]
    assert about["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert about["TimeToLiveSpecification"] == {"AttributeName": "expires_epoch", "Enabled": True}
    assert about["SSESpecification"] == {"SSEEnabled": True}
    assert [index["IndexName"] for index in about["GlobalSecondaryIndexes"]] == ["due", "by_reference", "ledger"]


def test_the_table_of_keys_keeps_no_copy_of_any_key() -> None:
    """Whatever brought a deleted key back would bring back everything that it sealed."""
    keys = RESOURCES["KeysTable"]
    assert keys["DeletionPolicy"] == keys["UpdateReplacePolicy"] == "Delete"
    about = keys["Properties"]
    assert about["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert about["TimeToLiveSpecification"] == {"AttributeName": "expires_epoch", "Enabled": True}
    assert about["SSESpecification"] == {"SSEEnabled": True}
    copies = {
        "StreamSpecification",
        "KinesisStreamSpecification",
        "GlobalSecondaryIndexes",
        "ImportSourceSpecification",
    }
    assert not copies & about.keys()
    assert not [name for name, found in RESOURCES.items() if found["Type"].startswith("AWS::Backup::")]


KEY_RIGHTS = {  # what each function may do in the table of keys
    "OpenVerification": {"GetItem", "PutItem"}, "VendorEndpoint": {"GetItem", "PutItem"}, "StoreMedia": {"GetItem"},
    "RunCheck": {"GetItem"}, "ReadVerification": {"DeleteItem"}, "Sweep": {"DeleteItem"},
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_whoever_forgets_a_key_cannot_read_it_and_whoever_reads_it_cannot_keep_it(function: str) -> None:
    granted = {
        action.removeprefix("dynamodb:")
        for statement in statements(function)
        if {"Fn::GetAtt": ["KeysTable", "Arn"]} in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert granted == KEY_RIGHTS.get(function, set())


def test_the_ledgers_index_holds_attempts_and_nothing_of_a_person() -> None:
    *_, ledger = RESOURCES["Table"]["Properties"]["GlobalSecondaryIndexes"]
    held = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["attempts", "vendor", "kind"]}
    assert ledger["Projection"] == held


def test_the_due_index_holds_nothing_but_keys() -> None:
    due, *_ = RESOURCES["Table"]["Properties"]["GlobalSecondaryIndexes"]
    assert due["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_log_of_its_own_that_ends(function: str) -> None:
    log = RESOURCES[target(FUNCTIONS[function]["LoggingConfig"]["LogGroup"])]["Properties"]
    assert log["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{FUNCTIONS[function]['FunctionName']['Fn::Sub']}"
    assert said(log["RetentionInDays"], DEFAULTS) > 0


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_role_of_its_own(function: str) -> None:
    assert target(FUNCTIONS[function]["Role"]) == f"{function}Role"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_do_anything_or_reach_everything(function: str) -> None:
    for statement in statements(function):
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        for resource in listed(statement["Resource"]):
            text = resource if isinstance(resource, str) else resource.get("Fn::Sub", "")
            mine = (*(f"/{name}-*" for name in SECRETS[function]), *DROPS.get(function, ()))
            assert "*" not in text or text.endswith(mine), text


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_read_the_secrets_that_it_reads(function: str) -> None:
    resources = [
        resource["Fn::Sub"]
        for statement in statements(function)
        if "secretsmanager:GetSecretValue" in statement["Action"]
        for resource in listed(statement["Resource"])
    ]
    assert {text.rpartition("/")[2].removesuffix("-*") for text in resources} == SECRETS[function]


def test_the_key_alone_has_a_policy_with_a_star_and_it_names_the_account() -> None:
    [statement] = RESOURCES["Key"]["Properties"]["KeyPolicy"]["Statement"]
    assert statement["Principal"]["AWS"]["Fn::Sub"].endswith(":root")
    assert RESOURCES["Key"]["DeletionPolicy"] == "Retain"


@EVERYWHERE
def test_a_live_worker_never_loses_its_claim_and_always_has_time_to_commit(given: dict[str, str]) -> None:
    timeout, deadline = int(given["CheckTimeout"]), int(given["VendorDeadline"])
    assert int(given["Lease"]) > timeout > deadline + 8
    assert (
        timeout > AHEAD_S + 2 * int(given["LongestWait"]) / 1000 + deadline + 8
    )  # bulk awaits its number and then its turn


@pytest.mark.parametrize("given", [DEFAULTS, LOCALLY], ids=["default", "local"])
def test_the_workers_of_a_lane_never_put_messages_off_for_their_own_number(given: dict[str, str]) -> None:
    """With as many turns before each of them as there are others, at the slowest vendor's rate."""
    slowest = min(numbers_of(given["VendorQuotas"])[vendor.COMPARE] for vendor in VENDORS.values())
    interval_ms = Pace("", "", "", "", slowest).interval_ms
    for workers in ("QuickWorkers", "BulkWorkers"):
        assert int(given[workers]) * interval_ms < int(given["LongestWait"])


def test_what_the_local_stack_shortens_are_parameters() -> None:
    assert cloud.PARAMETERS.keys() | SHORTENED.keys() <= RAW["Parameters"].keys()


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_even_in_a_campaign_a_message_stays_away_longer_than_its_function_may_run(mapping: str) -> None:
    queue, function = target(MAPPINGS[mapping]["EventSourceArn"]), target(MAPPINGS[mapping]["FunctionName"])
    visibility = said(QUEUES[queue]["VisibilityTimeout"], CAMPAIGN)
    assert visibility > said(FUNCTIONS[function]["Timeout"], CAMPAIGN)


def test_nobody_waits_longer_than_the_gateway_does() -> None:
    functions = {
        target(about["FunctionName"])
        for about in of_type("Lambda::Permission").values()
        if about["Principal"] == "apigateway.amazonaws.com"
    }
    assert {"OpenVerification", "StoreMedia", "ReadVerification", "ManageWebhooks"} <= functions
    for function in functions - {"StoreMedia"}:
        assert said(FUNCTIONS[function]["Timeout"], DEFAULTS) <= 29


def test_store_media_may_outlive_the_gateway_for_what_s3_drops_and_lambda_tells_it_again() -> None:
    """A caller hears of 29 s in the gateway's words; what was begun is finished, and told twice it is done once."""
    assert said(FUNCTIONS["StoreMedia"]["Timeout"], DEFAULTS) == 120
    tries = {name: about["MaximumRetryAttempts"] for name, about in of_type("Lambda::EventInvokeConfig").items()}
    assert [tries[name] for name in tries if name.startswith("StoreMedia")] == [2]


def test_the_drop_bucket_is_private_encrypted_short_lived_and_known_to_the_functions() -> None:
    bucket = RESOURCES["DropBucket"]["Properties"]
    assert bucket["BucketName"] == {"Fn::Sub": DROP_BUCKET}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"], "Prefix" in rule) == ("Enabled", 1, False)
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "VersioningConfiguration" not in bucket, "a deleted face must be gone"
    [cors] = bucket["CorsConfiguration"]["CorsRules"]
    assert (cors["AllowedMethods"], cors["AllowedOrigins"]) == (["POST"], {"Ref": "DropOrigins"})
    for function in FUNCTIONS.values():
        assert function["Environment"]["Variables"]["DROP_BUCKET"] == {"Fn::Sub": DROP_BUCKET}


def test_every_object_of_the_drop_bucket_is_told_to_store_media() -> None:
    [told] = RESOURCES["DropBucket"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"]
    assert (told["Event"], target(told["Function"]), "Filter" in told) == ("s3:ObjectCreated:*", "StoreMedia", False)
    [allowed] = [about for about in of_type("Lambda::Permission").values() if about["Principal"] == "s3.amazonaws.com"]
    assert allowed["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_every_route_but_the_public_ones_asks_for_a_key() -> None:
    paths = RESOURCES["Api"]["Properties"]["Body"]["paths"]
    open_to_all = {
        (path, method)
        for path, methods in paths.items()
        for method, about in methods.items()
        if about.get("security") != [{"ApiKey": []}]
    }
    assert open_to_all == PUBLIC


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_environment_is_the_settings(function: str) -> None:
    variables = FUNCTIONS[function]["Environment"]["Variables"]
    ours = {name.lower() for name in variables if not name.startswith("POWERTOOLS_")}
    assert ours == set(Settings.__annotations__)


def environment(**changes: str) -> dict[str, str]:
    """What a deployment with the default parameters gives to a function."""
    variables = FUNCTIONS["RunCheck"]["Environment"]["Variables"]
    given = {name: DEFAULTS.get(value.get("Ref", ""), "x") for name, value in variables.items() if "Ref" in str(value)}
    return {**given, **changes}


@pytest.mark.parametrize("stage", ["prod", "staging", "", "Local", "production"])
@pytest.mark.parametrize(
    "change",
    [
        {"LOCAL_ORIGINS": "http://127.0.0.1:4603"}, {"COS_ORIGIN": "http://127.0.0.1:4602"},
        {"COS_ORIGIN": "https://cos.example"},
        {"VENDOR_ENDPOINTS": "tencent_reflect=http://faceid.intl.tencentcloudapi.com"},
        {"VENDOR_ENDPOINTS": "tencent_reflect=https://a.example,kuaidi100=http://a.example/api"},
        {"VENDOR_ENDPOINTS": "yunjian=//a.example/release/jingmocompare"},
    ],
)  # fmt: skip
def test_no_stage_but_local_leaves_https_or_reaches_this_machine(stage: str, change: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        Settings.read(environment(STAGE=stage, **change))


def test_the_defaults_are_good_settings_for_every_stage() -> None:
    for stage in RAW["Parameters"]["Stage"]["AllowedValues"]:
        settings = Settings.read(environment(STAGE=stage))
        assert (settings.stage, settings.lease_s) == (stage, 75)


def test_the_default_parameters_know_every_vendor_whole() -> None:
    """Who is on a route has an address slot, a pace, a region with a bucket, and room for each of its media."""
    settings = Settings.read(environment())
    assert table_of(settings.vendor_endpoints).keys() == VENDORS.keys()
    assert sorted(settings.asked_by_kind()) == sorted(Kind)
    for kind, names in settings.asked_by_kind().items():
        assert all(kind == VENDORS[name].KIND for name in names)
    for name, vendor in VENDORS.items():
        assert numbers_of(settings.vendor_quotas)[vendor.COMPARE] > 0
        assert table_of(settings.media_buckets).keys() & set(vendor.REGIONS), name
        assert numbers_of(settings.max_bytes).keys() >= {*vendor.SLOTS, *vendor.OPTIONAL_SLOTS}
    assert settings.endpoints().keys() == {"tencent_reflect"}, "whoever wants the others has accounts with them"


def test_the_default_lines_are_those_that_the_vendors_publish() -> None:
    settings = Settings.read(environment())
    assert settings.line_of("tencent_reflect", 0.0001) == (80.0, 0.0001)
    assert settings.line_of("tencent_reflect", 0.001) == (70.0, 0.001)
    assert settings.line_of("tencent_id", 0.0001) == settings.line_of("tencent_id", 0.001) == (70.0, 0.0001)
    assert settings.line_of("kuaidi100", 0.0001) == (80.0, None), "an advised line, without a rate"
    assert settings.line_of("yunjian", 0.0001) == (None, None), "its code alone decides"


def test_the_default_quotas_of_a_person_are_the_vendors_own() -> None:
    assert numbers_of(environment()["PERSON_QUOTA"]) == {"60": 15, "86400": 30}


def test_nobody_is_asked_again_by_default_who_counts_the_calls_about_a_person() -> None:
    budgets = numbers_of(DEFAULTS["RetryBudgets"])
    assert budgets == {name: int("identity" not in vendor.ASSESSES) for name, vendor in VENDORS.items()}
    pattern = RAW["Parameters"]["RetryBudgets"]["AllowedPattern"]
    assert re.fullmatch(pattern, DEFAULTS["RetryBudgets"]) and re.fullmatch(pattern, "")
    assert not any(re.fullmatch(pattern, text) for text in ("yunjian=2", "yunjian", "yunjian=1,", "yunjian=1 "))
    assert not any(re.fullmatch(pattern, text) for text in ("foo=1", "tencent_relfect=1", "yunjian=0,tencent=1"))
    assert all(re.fullmatch(pattern, f"{vendor}=1") for vendor in VENDORS)


def test_one_function_alone_has_an_address_of_its_own_and_its_clients_sign_what_they_send() -> None:
    [(name, about)] = of_type("Lambda::Url").items()
    assert (name, about["AuthType"]) == ("VendorEndpointUrl", "NONE")
    assert about["TargetFunctionArn"] == {"Ref": "VendorEndpoint"}


@EVERYWHERE
def test_ten_webhook_tries_over_three_days_the_first_at_once(given: dict[str, str]) -> None:
    waits_s = [int(wait) for wait in given["DeliveryWaits"].split(",")]
    assert re.fullmatch(RAW["Parameters"]["DeliveryWaits"]["AllowedPattern"], given["DeliveryWaits"])
    if given is DEFAULTS:
        assert (len(waits_s), sum(waits_s)) == (10, (75 * 60 + 35) * 60 + 5)
        assert int(given["DisableAfter"]) == 5 * 86_400 > sum(waits_s)


@EVERYWHERE
def test_a_webhook_try_ends_before_its_lease_and_its_lease_before_its_message_comes_back(given: dict[str, str]) -> None:
    timeout_s, lease_s = said(FUNCTIONS["DeliverResult"]["Timeout"], given), delivery.LEASE.total_seconds()
    assert timeout_s < lease_s < said(RESOURCES["DeliveryQueue"]["Properties"]["VisibilityTimeout"], given)


@EVERYWHERE
def test_an_old_client_is_answered_before_its_function_ends(given: dict[str, str]) -> None:
    """The last check begins within its patience, waits for its turn and for the vendor; the claim outlives it."""
    timeout = said(FUNCTIONS["VendorEndpoint"]["Timeout"], given)
    longest = max(each.patience_s for each in SERVED)
    assert timeout > longest + AHEAD_S + int(given["LongestWait"]) / 1000 + int(given["VendorDeadline"])
    assert int(given["Lease"]) > int(given["VendorDeadline"]) + 8


def test_the_local_stage_may_use_http() -> None:
    assert Settings.read(environment(STAGE="local", VENDOR_ENDPOINTS="yunjian=http://127.0.0.1:1")).stage == "local"


ANSWERS = RESOURCES["Api"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_gateways_own_answers_have_our_shape_and_the_catalogs_texts(kind: str) -> None:
    body = json.loads(ANSWERS[kind]["responseTemplates"]["application/json"])
    error = shown.ErrorShown.model_validate(body).error
    row = BY_CODE[error.code]
    assert (error.message, error.message_zh) == (row.value.en, row.value.zh)
    assert (error.type, error.action, error.doc) == (row.type, row.value.action.value, f"errors/{row.code}")
    family = {"DEFAULT_4XX": "4", "DEFAULT_5XX": "5"}.get(kind)
    assert family == str(row.value.http)[0] if family else ANSWERS[kind]["statusCode"] == str(row.value.http)
    assert error.request_id == "req_$context.requestId"


def test_the_gateway_says_everything_that_a_caller_can_meet_before_a_function_runs() -> None:
    assert ANSWERS.keys() >= {"UNAUTHORIZED", "ACCESS_DENIED", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"}
    assert ANSWERS.keys() >= {"REQUEST_TOO_LARGE", "DEFAULT_4XX", "DEFAULT_5XX"}


def test_the_template_has_no_name_twice() -> None:
    """YAML keeps the later of two equal keys in silence."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"twice near line {node.start_mark.line + 1}: {keys}"
            return super().construct_mapping(node, deep)

    Strict.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, True))
    Strict.add_multi_constructor("!", lambda *_: None)
    yaml.load(TEMPLATE.read_text(encoding="utf-8"), Strict)  # noqa: S506  a SafeLoader
