"""An authority of our own and certificates of its making, by what every machine has that has the layer.

X.509 as RFC 5280 writes it, of which only a name, a time, a key and a host are needed.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS
from Crypto.Util.asn1 import DerBitString, DerObjectId, DerOctetString, DerSequence, DerSetOf

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LIFE = NOW - DAY, NOW + DAY
EXPIRED = NOW - 9 * DAY, NOW - DAY
SERIALS = count(1)
COMMON_NAME, BASIC_CONSTRAINTS, ALTERNATIVE_NAMES = "2.5.4.3", "2.5.29.19", "2.5.29.17"
ECDSA_WITH_SHA256 = DerSequence([DerObjectId("1.2.840.10045.4.3.2").encode()]).encode()
TRUE, UTF8, HOST, UTC_TIME, VERSION, EXTENSIONS = b"\x01\x01\xff", 0x0C, 0x82, 0x17, 0xA0, 0xA3  # tags of DER


def tagged(tag: int, held: bytes) -> bytes:
    """For the tags that the library does not know; a length of 128 or more is told in two bytes."""
    length = len(held).to_bytes(1 if len(held) < 0x80 else 2, "big")
    return bytes([tag]) + (length if len(length) == 1 else b"\x82" + length) + held


def name(text: str) -> bytes:
    told = DerSequence([DerObjectId(COMMON_NAME).encode(), tagged(UTF8, text.encode())]).encode()
    return DerSequence([DerSetOf([told]).encode()]).encode()


def extension(kind: str, value: bytes, *critical: bytes) -> bytes:
    return DerSequence([DerObjectId(kind).encode(), *critical, DerOctetString(value).encode()]).encode()


def lasting(life: tuple[datetime, datetime]) -> bytes:
    return DerSequence([tagged(UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode()) for at in life]).encode()


@dataclass(frozen=True)
class Signer:
    """Whoever signs: an authority, or a stranger who signs for himself."""

    subject: str
    key: ECC.EccKey

    @classmethod
    def new(cls, subject: str) -> "Signer":
        return cls(subject, ECC.generate(curve="P-256"))

    def certify(self, other: "Signer", extensions: bytes, life: tuple[datetime, datetime] = LIFE) -> str:
        """PEM."""
        signed = DerSequence([
            tagged(VERSION, b"\x02\x01\x02"), next(SERIALS), ECDSA_WITH_SHA256, name(self.subject), lasting(life),
            name(other.subject), other.key.public_key().export_key(format="DER"),
            tagged(EXTENSIONS, DerSequence([extensions]).encode()),
        ]).encode()  # fmt: skip
        signature = DSS.new(self.key, "fips-186-3", encoding="der").sign(SHA256.new(signed))
        return ssl.DER_cert_to_PEM_cert(
            DerSequence([signed, ECDSA_WITH_SHA256, DerBitString(signature).encode()]).encode()
        )


@dataclass(frozen=True)
class Authority:
    folder: Path
    signer: Signer

    @classmethod
    def new(cls, folder: Path) -> "Authority":
        signer = Signer.new("authority of the tests")
        own = signer.certify(signer, extension(BASIC_CONSTRAINTS, DerSequence([b"\x01\x01\xff"]).encode(), TRUE))
        (folder / "roots.pem").write_text(own)
        return cls(folder, signer)

    @property
    def roots(self) -> str:
        return str(self.folder / "roots.pem")

    def server(self, host: str, life: tuple[datetime, datetime] = LIFE, by: Signer | None = None) -> ssl.SSLContext:
        """What a receiver shows that claims to be `host`; `by` another signer than this authority, if one is given."""
        owner = Signer.new(host)
        hosts = extension(ALTERNATIVE_NAMES, DerSequence([tagged(HOST, host.encode())]).encode())
        file = self.folder / f"{next(SERIALS)}.pem"
        file.write_text((by or self.signer).certify(owner, hosts, life) + owner.key.export_key(format="PEM"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
