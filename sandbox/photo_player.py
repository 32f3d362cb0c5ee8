"""A vendor that is shown photos, and by most with a name and a number: one way for all of them."""

from hashlib import md5
from typing import Any

from facegate.problems import Problem
from facegate.vendors.dialect import Asked, Media
from sandbox import faces, persons, pictures, scenarios
from sandbox.downloads import Downloads, NotFetched
from sandbox.found import Found
from sandbox.player import Player, Shared, Visit
from sandbox.roles import Role
from sandbox.scenarios import TAIL_BYTES
from sandbox.tokens import Tokens


class PhotoPlayer(Player):
    def __init__(self, role: Role, shared: Shared, downloads: Downloads, tokens: Tokens) -> None:
        super().__init__(role, shared)
        self._downloads, self._tokens = downloads, tokens

    def look(self, visit: Visit) -> None:
        media = self._asked(visit).media.values()
        visit.photos = tuple(self._body(visit, each) for each in media)
        visit.md5s = tuple(md5(body, usedforsecurity=False).hexdigest() for body in visit.photos)

    def perform(self, visit: Visit) -> Any:
        read = [pictures.read(body) for body in visit.photos]
        self.hear(visit, [persons.said(self._asked(visit).subject)])
        for body, photo in zip(visit.photos, read, strict=True):
            self.hear(visit, [scenarios.marker(body[-TAIL_BYTES:]), scenarios.marker(photo.notes)])
        self.hear(visit, [faces.said([photo.picture for photo in read])])
        return self.role.tell(self.played(visit), visit.ask)

    def _asked(self, visit: Visit) -> Asked:
        asked = self.role.dialect.asked(visit.ask)
        if asked is None:
            raise TypeError("a protocol of photos asks nothing else")
        return asked

    def _body(self, visit: Visit, media: Media) -> bytes:
        if media.body is not None:
            return media.body
        if media.token is not None:
            return self._tokens.picture(visit.secret_id, media.token)
        try:
            return self._downloads.fetch(media.url or "")
        except NotFetched as why:
            raise Found(Problem.MEDIA_UNREACHABLE) from why
