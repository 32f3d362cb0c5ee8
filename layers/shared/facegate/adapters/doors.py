"""What lies behind a slot, through whatever door it came, and what lies behind a link of the vendor's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from facegate import precheck
from facegate.adapters.cos import Media
from facegate.adapters.drops import Drops
from facegate.adapters.http import ANY_WEB, BodyTooLarge
from facegate.adapters.keyring import KeyRing
from facegate.callers_cos import Place
from facegate.model import Door, Link, Slot, Verification
from facegate.ports import Closed, Gone, Shredded, Source, TooLarge
from facegate.problems import Problem, ProblemError
from facegate.vendors.dialect import Media as Sent
from facegate.wire import HttpRequest, HttpResponse, NotSent, Send, Silent

MAX_VENDOR_OBJECT_BYTES = 8 << 20
FRAME_LINK_LIFE_S = 7200
URL_S = 8  # for a photo behind a link, while its client waits


@contextmanager
def _told_of(slot: Slot) -> Iterator[None]:
    """What COS says of a bucket that is not ours. A region that does not exist has no host to answer."""
    try:
        yield
    except Closed:
        raise ProblemError(Problem.BUCKET_CLOSED, slot.name) from None
    except (Gone, Silent):
        raise ProblemError(Problem.OBJECT_NOT_FOUND, slot.name) from None


def _chunks_of(found: Source, slot: Slot) -> Iterator[bytes]:
    with _told_of(slot):
        yield from found.chunks()


@dataclass(frozen=True)
class Doors:
    media: Media
    drops: Callable[[], Drops]
    ring: KeyRing
    sender: Callable[..., Send]  # the largest body that is wanted -> adapters.http.sender

    def find(self, seen: Verification, slot: Slot) -> Source:
        """What lies behind a slot; raises ProblemError where nothing does."""
        found = DOORS[slot.door](self, seen, slot)
        if found is None:
            raise ProblemError(Problem.MEDIA_MISSING, slot.name)
        return found

    def find_named(self, place: Place, slot: Slot) -> Source:
        """An object in a bucket of the caller's; raises ProblemError."""
        with _told_of(slot):
            found = self.media.find_in(*place, Door.CALLER_COS)
            if found is None:
                raise Gone
        return replace(found, chunks=lambda: _chunks_of(found, slot))

    def fetch_link(self, link: Link) -> bytes:
        """An object of the vendor's; raises NotSent or Silent, also where its MD5 is not the promised one."""
        answer = self._get(link.url, MAX_VENDOR_OBJECT_BYTES)
        if answer.status != 200 or precheck.md5(answer.body) != link.md5.lower():
            raise Silent("not the object that the vendor named")
        return answer.body

    def best_frame(self, seen: Verification, now: datetime) -> Link | None:
        """A link to our copy, for as long as the vendor's own would live."""
        if seen.best_frame_key is None:
            return None
        try:
            body = self.media.read(seen.region, seen.best_frame_key, MAX_VENDOR_OBJECT_BYTES)
        except (KeyError, TooLarge):
            return None
        url = self.media.download_link(seen.region, seen.best_frame_key, now, FRAME_LINK_LIFE_S)
        return Link(url, precheck.md5(body))

    def fetch_url(self, sent: Sent, max_bytes: int, left_s: float = URL_S) -> bytes:
        """What a client of a vendor's protocol names by link; raises ProblemError, and nothing leaves for an address
        that is not public."""
        if left_s <= 0:
            raise ProblemError(Problem.MEDIA_UNREACHABLE)
        send = self.sender(max_bytes, allowed=ANY_WEB, total_s=min(URL_S, left_s))
        try:
            answer = send(HttpRequest("GET", sent.url or ""))
        except BodyTooLarge:
            raise ProblemError(Problem.MEDIA_TOO_LARGE) from None
        except (NotSent, Silent):
            raise ProblemError(Problem.MEDIA_UNREACHABLE) from None
        if answer.status != 200:
            raise ProblemError(Problem.MEDIA_UNREACHABLE)
        if sent.md5 not in (None, precheck.md5(answer.body)):
            raise ProblemError(Problem.MEDIA_MD5_DIFFERS)
        return answer.body

    def _in_cos(self, seen: Verification, slot: Slot) -> Source | None:
        return self.media.find(slot.region, slot.key)

    def _in_s3(self, seen: Verification, slot: Slot) -> Source | None:
        return self.drops().find(slot.key)

    def _at_vendor(self, seen: Verification, slot: Slot) -> Source | None:
        """Fetched whole: a link of the vendor's is for one GET, and says nothing before."""
        if slot.sealed_links is None:  # opened anew after a capture that failed: its links are still to be asked for
            return None
        try:
            links = self.ring.open(slot.sealed_links, tenant=seen.tenant, verification=seen.id)
            answer = self._get(links["resource"], slot.max_bytes)
        except BodyTooLarge:
            raise ProblemError(Problem.MEDIA_TOO_LARGE, slot.name) from None
        except (Shredded, NotSent, Silent):  # forgotten, or its key was lost: what lay there is out of reach
            return None
        if answer.status != 200:
            return None
        return Source(Door.VENDOR, precheck.sha256(answer.body), len(answer.body), lambda: iter((answer.body,)))

    def _get(self, url: str, max_bytes: int) -> HttpResponse:
        return self.sender(max_bytes)(HttpRequest("GET", url))


DOORS = {Door.COS: Doors._in_cos, Door.S3: Doors._in_s3, Door.VENDOR: Doors._at_vendor}  # that have links
