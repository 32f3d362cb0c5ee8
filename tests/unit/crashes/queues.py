"""SQS as it behaves: at least once, in any order, invisible while somebody works on it, dead letters in the end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from facegate.adapters.queue import LONGEST_DELAY_S

MOST_RECEIVES = 20


@dataclass
class Message:
    visible_at: datetime
    number: int
    body: str
    receives: int = 0


@dataclass
class MemoryQueue:
    """`send` is the port; the rest is for who plays SQS."""

    world: Any
    function: str
    visibility: timedelta
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    numbers: int = 0

    def send(self, message: Mapping[str, str], delay_s: int = 0) -> None:
        self.put(json.dumps(message), timedelta(seconds=min(delay_s, LONGEST_DELAY_S)))

    def put(self, body: str, delay: timedelta = timedelta()) -> None:
        self.numbers += 1
        self.messages.append(Message(self.world.now + delay, self.numbers, body))

    def take(self) -> Message:
        """The next one, invisible from now on."""
        message = self._next()
        message.receives += 1
        message.visible_at = self.world.now + self.visibility
        return message

    def done(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)

    def failed(self, message: Message) -> None:
        if message.receives >= MOST_RECEIVES and message in self.messages:
            self.messages.remove(message)
            self.dead.append(message)

    def visible_from(self) -> datetime | None:
        return self._next().visible_at if self.messages else None

    def _next(self) -> Message:
        return min(self.messages, key=lambda one: (one.visible_at, one.number))

    # what SQS may do at any time

    def twice(self) -> None:
        for message in self.messages[:1]:
            self.put(message.body)

    def turn(self) -> None:
        """The last one first."""
        for at, message in enumerate(reversed(self.messages)):
            message.number = self.numbers + at
        self.numbers += len(self.messages)
        for message in self.messages:
            message.visible_at = min(message.visible_at, self.messages[-1].visible_at)

    def lose(self) -> None:
        """SQS does not; whoever sends may die first."""
        self.messages.clear()
