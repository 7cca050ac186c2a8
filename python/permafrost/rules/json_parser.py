"""Reads JSON into a tree with positions, and goes on after errors as jsonc-parser does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from .json_scanner import COMMENT, EOF, NUMBER, STRING, UNKNOWN, Token, scan

JsonValue = Union[str, float, bool, None]

# Any config that is valid is three deep.
_MOST_DEPTH = 1000


class TooDeep(Exception):
    """The brackets are nested deeper than any config needs."""


@dataclass(eq=False)
class JsonNode:
    """A value with its place in UTF-16 code units."""

    kind: str
    """`object`, `array`, `string`, `number`, `boolean` or `null`."""
    offset: int
    length: int = 0
    value: JsonValue = None
    items: list[JsonNode] = field(default_factory=list)
    """Of an array."""
    properties: list[JsonProperty] = field(default_factory=list)
    """Of an object, as written, duplicates included."""

    def get(self, key: str) -> JsonNode | None:
        """The value of the first property of this name."""
        return next((each.value for each in self.properties if each.name == key), None)


@dataclass(frozen=True, eq=False)
class JsonProperty:
    """A key and its value."""

    key: JsonNode
    value: JsonNode

    @property
    def name(self) -> str:
        return str(self.key.value)


@dataclass(frozen=True)
class Finding:
    """An error of the syntax, a comment or a trailing comma."""

    code: str
    """As jsonc-parser calls it, or `Comment`, `TrailingComma`."""
    offset: int
    length: int


class JsonParser:
    """Parses one text. `root` is whole only where no finding is an error.

    Raises TooDeep.
    """

    def __init__(self, units: str) -> None:
        self._units = units
        self._open: list[_Open] = []
        self._comma: Token | None = None
        self.root: JsonNode | None = None
        self.findings: list[Finding] = []
        self._token = Token(EOF, 0, 0)
        self._next()
        if not self._value():
            self._error("ValueExpected")
            return
        while self._open:
            self._step(self._open[-1])
        if self._token.kind != EOF:
            self._error("EndOfFileExpected")

    def _next(self) -> None:
        while True:
            self._token = token = scan(self._units, self._token.offset + self._token.length)
            if token.error:
                self._error(token.error)
            if token.kind == COMMENT:
                self._find("Comment", token)
            elif token.kind == UNKNOWN:
                self._error("InvalidSymbol")
            else:
                return

    def _value(self) -> bool:
        """Reads a value, of a list or an object its beginning; false when none is there."""
        token = self._token
        if token.kind in ("[", "{"):
            self._begin(_Open(JsonNode("array" if token.kind == "[" else "object", token.offset)))
            return True
        kinds = {STRING: "string", NUMBER: "number", "true": "boolean", "false": "boolean"}
        kind = "null" if token.kind == "null" else kinds.get(token.kind)
        if kind is None:
            return False
        value: JsonValue = {"true": True, "false": False, "null": None}.get(token.kind)
        if kind == "string":
            value = token.value
        elif kind == "number":
            # A number that is cut short is told by the scanner.
            value = 0.0 if token.error else float(token.value)
        self._comma = None
        self._put(JsonNode(kind, token.offset, token.length, value))
        self._next()
        return True

    def _begin(self, opened: _Open) -> None:
        if len(self._open) >= _MOST_DEPTH:
            raise TooDeep
        self._comma = None
        self._put(opened.node)
        self._open.append(opened)
        self._next()

    def _put(self, node: JsonNode) -> None:
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if top.key is None:
            top.node.items.append(node)
        else:
            top.node.properties.append(JsonProperty(top.key, node))

    def _step(self, top: _Open) -> None:
        """Reads the next element or property of what is open, or its end."""
        closer = "]" if top.node.kind == "array" else "}"
        if self._token.kind in (closer, EOF):
            self._close(top, closer)
            return
        if self._token.kind == ",":
            if not top.needs_comma:
                self._error("ValueExpected")
            self._comma = self._token
            self._next()
            if self._token.kind == closer:
                self._close(top, closer)
                return
        elif top.needs_comma:
            self._error("CommaExpected")
        top.needs_comma = True
        if closer == "]":
            if not self._value():
                self._error("ValueExpected", until="],")
        elif self._token.kind == STRING:
            self._property(top)
        else:
            self._error("PropertyNameExpected", until="},")
            self._error("ValueExpected", until="},")

    def _property(self, top: _Open) -> None:
        token = self._token
        self._comma = None
        top.key = JsonNode("string", token.offset, token.length, token.value)
        self._next()
        if self._token.kind != ":":
            self._error("ColonExpected", until="},")
            return
        self._comma = None
        self._next()
        if not self._value():
            self._error("ValueExpected", until="},")

    def _close(self, top: _Open, closer: str) -> None:
        if self._comma is not None:
            self._find("TrailingComma", self._comma)
        self._comma = None
        top.node.length = self._token.offset + self._token.length - top.node.offset
        self._open.pop()
        if self._token.kind == closer:
            self._next()
        else:
            self._error("CloseBracketExpected" if closer == "]" else "CloseBraceExpected")

    def _find(self, code: str, token: Token) -> None:
        self.findings.append(Finding(code, token.offset, token.length))

    def _error(self, code: str, until: str = "") -> None:
        """Tells the error and passes over tokens up to one of those in `until`."""
        self._find(code, self._token)
        while until and self._token.kind != EOF and self._token.kind not in until:
            self._next()


@dataclass(eq=False)
class _Open:
    node: JsonNode
    needs_comma: bool = False
    key: JsonNode | None = None
    """Of an object, the key whose value is read."""
