"""The limits of a server as options: one for each field of ``session.limits.Limits``.

A limit is spelled once, in ``Limits``: name, default and the sentence in its docstring. This turns
them into ``--limit-…`` options, so that none can be forgotten here or differ.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from math import isfinite
from typing import Annotated, Any

import typer

from chatctl.errors import UsageError
from chatctl.session.limits import RANGES, Limits

PANEL = "Limits"
PREFIX = "limit_"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def takes_limits(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command*, which has a parameter ``limits``, with an option for each limit instead."""
    signature = inspect.signature(command)
    others = [p for name, p in signature.parameters.items() if name != "limits"]
    options = [_option(field.name, field.type, field.default) for field in fields(Limits)]

    @wraps(command)
    def with_options(**said: Any) -> None:
        chosen = {name: said.pop(PREFIX + name) for name in _helps()}
        for name, value in chosen.items():
            if not isfinite(value):
                raise UsageError(f"--limit-{name.replace('_', '-')} cannot be {value}")
        command(**said, limits=Limits(**chosen))

    with_options.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*others, *options)}
    del with_options.__wrapped__
    return with_options


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    least, most = RANGES.get(name, (0, None))
    option = typer.Option(
        f"--limit-{name.replace('_', '-')}",
        min=least,
        max=most,
        help=_helps()[name],
        rich_help_panel=PANEL,
    )
    return inspect.Parameter(
        PREFIX + name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, option],
    )


def _helps() -> dict[str, str]:
    """Return what each limit is, from the docstring of ``Limits``."""
    found = _ATTRIBUTE.findall(inspect.getdoc(Limits) or "")
    return {name: _sentence(text) for name, text in found}


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]
