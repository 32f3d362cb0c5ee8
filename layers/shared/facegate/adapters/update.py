"""DynamoDB's update expressions, put together piece by piece."""

from collections.abc import Mapping
from typing import Any

from facegate.adapters.items import encode


class Update:
    """One update; a value of None removes its attribute."""

    def __init__(self, **changes: Any) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.changes: dict[str, Any] = {}
        self._parts: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": []}
        self.set(**changes)

    def set(self, **changes: Any) -> None:
        for name, value in changes.items():
            self.changes[name] = value
            path = self._name(name)
            self._parts["REMOVE" if value is None else "SET"].append(
                path if value is None else f"{path} = {self._value(value)}"
            )

    def set_at(self, name: str, key: str, value: Any) -> None:
        self._parts["SET"].append(f"{self._name(name)}.{self._name(key)} = {self._value(value)}")

    def remove_at(self, name: str, key: str) -> None:
        self._parts["REMOVE"].append(f"{self._name(name)}.{self._name(key)}")

    def append(self, name: str, value: Any) -> None:
        self._parts["SET"].append(f"{self._name(name)} = list_append({self._name(name)}, {self._value([value])})")

    def add(self, counts: Mapping[str, int]) -> None:
        self._parts["ADD"] += [f"{self._name(name)} {self._value(by)}" for name, by in counts.items()]

    def one_of(self, name: str, options: list[str]) -> str:
        return f"{self._name(name)} IN ({', '.join(self._value(option) for option in options)})"

    def compare(self, name: str, comparison: str, value: Any) -> str:
        """A value of None is DynamoDB's NULL, which equals no attribute of ours (and is ordered beside none)."""
        return f"{self._name(name)} {comparison} {self._value(value)}"

    def expression(self) -> str:
        return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in self._parts.items() if parts)

    def _name(self, name: str) -> str:
        self.names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, value: Any) -> str:
        token = f":v{len(self.values)}"
        self.values[token] = encode(value)
        return token
