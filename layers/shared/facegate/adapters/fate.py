"""Was it sent? Libraries wrap what happened in their own errors, several deep; only these leave no doubt.

An error that is not listed may have come after the request was read, executed and billed.
"""

import ssl
from collections.abc import Iterator

from requests import ConnectTimeout
from urllib3.exceptions import NameResolutionError, NewConnectionError

from facegate.adapters.deadline import DeadlinePassed
from facegate.wire import NotSent, Silent

NEVER_SENT = (NewConnectionError, NameResolutionError, ConnectTimeout, ssl.SSLCertVerificationError, NotSent)


def of(error: BaseException) -> NotSent | Silent:
    """What to raise for a failed exchange. Its text is the type alone: the error's own text may quote a link."""
    behind = list(_behind(error))
    sent = any(isinstance(cause, DeadlinePassed) for cause in behind)
    never = any(isinstance(cause, NEVER_SENT) for cause in behind)
    return NotSent(type(error).__name__) if never and not sent else Silent(type(error).__name__)


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was raised from, by whichever of the ways a library chose to say so."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
