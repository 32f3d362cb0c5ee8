"""A verification's own key: it opens what it sealed and nothing else, and when it is gone, nothing does."""

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from facegate import telemetry
from facegate.adapters.keyring import HEAD_BYTES, KeyRing, context, place, unsealed
from facegate.ports import Shredded
from tests.unit.values import NOW

PERSON = {"name": "金丝雀 Kanarienvogel", "id_number": "990000190001010016"}
LIFE = timedelta(days=2)


@pytest.fixture(scope="module")
def ring(keys_table: Any, kms: Any) -> KeyRing:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    return KeyRing(keys_table, key, kms, LIFE, lambda: NOW)


def item(ring: KeyRing, tenant: str, verification: str = "ver_1") -> Any:
    return ring.table.get_item(Key=place(tenant, verification)).get("Item")


def seal(ring: KeyRing, tenant: str, value: Any = PERSON) -> str:
    return ring.seal(value, tenant=tenant, verification="ver_1")


def test_what_was_sealed_is_opened_again(ring: KeyRing, tenant: str) -> None:
    sealed = [seal(ring, tenant), seal(ring, tenant, {"upload": "https://v.example/u"}), seal(ring, tenant, None)]
    opened = [ring.open(one, tenant=tenant, verification="ver_1") for one in sealed]
    assert opened == [PERSON, {"upload": "https://v.example/u"}, None]


def test_a_verification_has_one_key_and_never_the_same_text_twice(ring: KeyRing, tenant: str) -> None:
    first, key = seal(ring, tenant), item(ring, tenant)
    second = seal(ring, tenant)
    assert item(ring, tenant) == key
    assert base64.b64decode(first)[:HEAD_BYTES] != base64.b64decode(second)[:HEAD_BYTES]
    assert base64.b64decode(first)[HEAD_BYTES:] != base64.b64decode(second)[HEAD_BYTES:]


def test_the_kept_key_is_wrapped_and_ends_by_itself(ring: KeyRing, tenant: str) -> None:
    sealed, kept = seal(ring, tenant), item(ring, tenant)
    assert kept.keys() == {"pk", "wrapped", "created_at", "expires_epoch"}
    assert kept["expires_epoch"] == (NOW + LIFE).timestamp()
    for end in range(0, len(base64.b64decode(kept["wrapped"])) - 31):  # no 32 bytes of it are the key
        with pytest.raises(ValueError):
            unsealed(sealed, base64.b64decode(kept["wrapped"])[end : end + 32], tenant, "ver_1")


def test_a_shredded_key_is_gone_for_good(ring: KeyRing, tenant: str) -> None:
    sealed = seal(ring, tenant)
    assert (ring.shred(tenant, "ver_1"), ring.shred(tenant, "ver_1")) == (True, False)
    assert item(ring, tenant) is None
    with pytest.raises(Shredded):
        ring.open(sealed, tenant=tenant, verification="ver_1")
    seal(ring, tenant)  # whoever comes too late seals under another key
    with pytest.raises(ValueError):
        ring.open(sealed, tenant=tenant, verification="ver_1")


def test_a_key_belongs_to_its_tenant_and_its_verification(ring: KeyRing, tenant: str) -> None:
    sealed = seal(ring, tenant)
    for stranger in ({"tenant": tenant, "verification": "ver_2"}, {"tenant": f"{tenant}x", "verification": "ver_1"}):
        with pytest.raises(Shredded):
            ring.open(sealed, **stranger)
        ring.seal("another's", **stranger)
        with pytest.raises(ValueError):
            ring.open(sealed, **stranger)
    moved = {**item(ring, tenant), **place(tenant, "ver_3")}
    ring.table.put_item(Item=moved)  # the wrapped key in another's place: KMS knows whose it is
    with pytest.raises(ClientError):
        ring.open(sealed, tenant=tenant, verification="ver_3")


def test_kms_unwraps_with_tenant_and_verification_alone(ring: KeyRing, tenant: str) -> None:
    sealed = seal(ring, tenant)
    wrapped = base64.b64decode(item(ring, tenant)["wrapped"])
    key = ring.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context(tenant, "ver_1"))["Plaintext"]
    assert json.loads(unsealed(sealed, key, tenant, "ver_1")) == PERSON
    for other in ({}, {"tenant": tenant}, context(tenant, "ver_2")):
        with pytest.raises(ClientError):
            ring.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=other)


def test_at_debug_no_library_writes_the_key_or_the_person(
    ring: KeyRing, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert telemetry.LOUD  # every function has it
    with caplog.at_level(logging.DEBUG):
        ring.open(seal(ring, tenant), tenant=tenant, verification="ver_1")
        logging.getLogger("ours").debug("heard")
    assert [record.name for record in caplog.records] == ["ours"]


@pytest.mark.parametrize("at", [0, 11, 12, 27, 28, -1])
def test_a_changed_bit_anywhere_is_refused(ring: KeyRing, tenant: str, at: int) -> None:
    held = bytearray(base64.b64decode(seal(ring, tenant)))
    held[at] ^= 1
    with pytest.raises(ValueError) as raised:
        ring.open(base64.b64encode(held).decode(), tenant=tenant, verification="ver_1")
    assert "Kanarienvogel" not in str(raised.value)


def test_many_that_seal_first_at_one_moment_agree_on_a_key(ring: KeyRing, tenant: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda n: seal(ring, tenant, n), range(8)))
    assert [ring.open(one, tenant=tenant, verification="ver_1") for one in sealed] == list(range(8))


def test_whoever_was_slower_takes_the_key_of_the_faster(ring: KeyRing, tenant: str) -> None:
    """Both saw no key; the second write finds one."""
    first = seal(ring, tenant)

    class Late(KeyRing):
        looked = 0

        def _key(self, tenant: str, verification: str) -> bytes | None:
            Late.looked += 1
            return None if Late.looked == 1 else super()._key(tenant, verification)

    second = seal(Late(ring.table, ring.key_id, ring.kms, LIFE, ring.clock), tenant, "late")
    assert Late.looked == 2
    assert [ring.open(one, tenant=tenant, verification="ver_1") for one in (first, second)] == [PERSON, "late"]
