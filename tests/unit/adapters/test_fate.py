"""What became of a request that failed. Tencent's SDK dresses errors in requests' own; a bare connection does not."""

import ssl

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError, SSLError

from facegate.adapters import fate
from facegate.adapters.deadline import DeadlinePassed
from facegate.wire import NotSent, Silent


def pool_error(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "became"),
    [
        (requests.ConnectTimeout(), NotSent), (pool_error(NewConnectionError(None, "no")), NotSent),  # type: ignore[arg-type]
        (pool_error(SSLError(ssl.SSLCertVerificationError("another name"))), NotSent),
        (requests.exceptions.SSLError("broken off while reading"), Silent), (requests.ReadTimeout(), Silent),
        (requests.ConnectionError(ProtocolError("reset")), Silent),
        (requests.exceptions.ChunkedEncodingError(), Silent), (requests.ConnectionError(), Silent),
        (DeadlinePassed("after 15 s"), Silent), (ConnectionResetError(), Silent), (ProtocolError("reset"), Silent),
        (ReadTimeoutError(None, "/", "late"), Silent),  # type: ignore[arg-type]
        (DeadlinePassed(NewConnectionError(None, "no")), Silent),  # type: ignore[arg-type]
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)  # fmt: skip
def test_only_what_leaves_no_doubt_was_never_sent(error: Exception, became: type[Exception]) -> None:
    told = fate.of(error)
    assert type(told) is became
    assert str(told) == type(error).__name__, "its own text may quote a link"
