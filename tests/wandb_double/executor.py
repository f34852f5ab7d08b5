"""Answers a GraphQL document from plain Python objects, and raises on whatever is not modelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    parse,
    value_from_ast_untyped,
)

UNDECLARED = {"UpsertView2": {"locked"}}
"""Variables that `wandb-workspaces` sends with an operation whose document does not declare them."""


class NotModelled(Exception):
    """Asked for is something of which the double knows nothing."""


class Refused(Exception):
    """What the server answers as an error of its own."""


@dataclass(frozen=True)
class Node:
    """An object of the server's: its type and interfaces, and its fields; a function takes arguments."""

    kind: str
    fields: Mapping[str, Any]
    also: frozenset[str] = frozenset()


def node(kind: str, *also: str, **fields: Any) -> Node:
    return Node(kind, fields, frozenset(also))


def operation_of(query: str) -> OperationDefinitionNode:
    """The one operation of a document."""
    (found,) = (d for d in parse(query).definitions if isinstance(d, OperationDefinitionNode))
    return found


def execute(query: str, variables: Mapping[str, Any], roots: Mapping[str, Node]) -> dict[str, Any]:
    """Data of the one operation of a document; ``roots`` holds the ``query`` and the ``mutation``."""
    operation = operation_of(query)
    known = {name.variable.name.value for name in operation.variable_definitions or ()}
    name = operation.name.value if operation.name else "?"
    if strange := sorted(set(variables) - known - UNDECLARED.get(name, set())):
        raise NotModelled(f"variables that the document does not declare: {', '.join(strange)}")
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value
    }
    fragments = {d.name.value: d for d in parse(query).definitions if isinstance(d, FragmentDefinitionNode)}
    declared = {name: value for name, value in variables.items() if name in known}
    return _Execution({**defaults, **declared}, fragments).selected(
        operation.selection_set, roots[operation.operation.value]
    )


@dataclass(frozen=True)
class _Execution:
    variables: dict[str, Any]
    fragments: Mapping[str, FragmentDefinitionNode]

    def selected(self, chosen: SelectionSetNode, of: Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for selection in chosen.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                found[name] = self._value(selection, of)
            else:
                found |= self._fragment(selection, of)
        return found

    def _fragment(self, selection: Any, of: Node) -> dict[str, Any]:
        if isinstance(selection, FragmentSpreadNode):
            selection = self.fragments[selection.name.value]
        elif not isinstance(selection, InlineFragmentNode):
            raise NotModelled(f"a {type(selection).__name__}")
        wanted = selection.type_condition.name.value if selection.type_condition else of.kind
        fits = wanted == of.kind or wanted in of.also
        return self.selected(selection.selection_set, of) if fits else {}

    def _included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            asked = self._arguments(directive)["if"]
            if directive.name.value not in ("include", "skip"):
                raise NotModelled(f"@{directive.name.value}")
            if asked != (directive.name.value == "include"):
                return False
        return True

    def _arguments(self, asked: Any) -> dict[str, Any]:
        return {
            one.name.value: value_from_ast_untyped(one.value, self.variables) for one in asked.arguments or ()
        }

    def _value(self, selection: FieldNode, of: Node) -> Any:
        name, arguments = selection.name.value, self._arguments(selection)
        if name == "__typename":
            return of.kind
        if name not in of.fields:
            raise NotModelled(f"field {of.kind}.{name}")
        value = of.fields[name]
        if callable(value):
            value = value(**arguments)
        elif arguments:
            raise NotModelled(f"arguments of {of.kind}.{name}: {', '.join(sorted(arguments))}")
        return self._shown(value, selection, f"{of.kind}.{name}")

    def _shown(self, value: Any, selection: FieldNode, where: str) -> Any:
        if isinstance(value, list):
            return [self._shown(one, selection, where) for one in value]
        if selection.selection_set is None or value is None:
            if isinstance(value, Node):
                raise NotModelled(f"{where} without its fields")
            return value
        if not isinstance(value, Node):
            raise NotModelled(f"fields of {where}, which is {type(value).__name__}")
        return self.selected(selection.selection_set, value)


def taking(known: str, act: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    """A mutation whose ``input`` may have these fields, words of ``known``, and no other; None is none."""

    def taken(**arguments: Any) -> Any:
        if set(arguments) != {"input"}:
            raise NotModelled(f"a mutation with {', '.join(sorted(arguments))}")
        given = {name: value for name, value in arguments["input"].items() if value not in (None, Undefined)}
        if strange := sorted(set(given) - set(known.split())):
            raise NotModelled(f"input {', '.join(f'{name}={given[name]!r:.40}' for name in strange)}")
        return act(given)

    return taken


def edges(nodes: list[Node], **more: Any) -> Node:
    """A connection: all in one page."""
    page = node("PageInfo", endCursor=None, hasNextPage=False)
    listed = [node("Edge", node=one, cursor=str(place)) for place, one in enumerate(nodes)]
    return node("Connection", edges=listed, pageInfo=page, totalCount=len(nodes), **more)
