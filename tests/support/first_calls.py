"""Which functions of some files are called: each is noted by its first call alone.

A tracer or a profiler is told of every call there is, and slows down each instruction. This
costs nothing after the first call: until then a function runs a stub in place of its code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


@contextmanager
def first_calls(paths: Iterable[Path]) -> Iterator[set[CodeType]]:
    """Give the code of what is called of these files; they have to be imported.

    A function that is defined in another one, or has a closure, is never noted.
    """
    files, called = {str(path) for path in paths}, set[CodeType]()
    codes = {
        each: each.__code__
        for module in list(sys.modules.values())
        if getattr(module, "__file__", None) in files
        for each in _functions(vars(module).values())
        if each.__code__.co_filename in files and not each.__code__.co_freevars
    }
    for function in codes:
        _note(function, called)
    try:
        yield called
    finally:
        for function, code in codes.items():
            function.__code__ = code
            function.__globals__.pop(_name(code), None)


def _functions(values: Iterable[object]) -> Iterator[FunctionType]:
    """Yield functions, what decorators hold of them, and the methods of classes."""
    for value in values:
        if isinstance(value, FunctionType):
            yield value
            inside = [getattr(value, "__wrapped__", None)]
            yield from _functions([*inside, *getattr(value, "registry", {}).values()])
        elif isinstance(value, type):
            yield from _functions(vars(value).values())
        elif isinstance(value, property):
            yield from _functions([value.fget])
        elif isinstance(value, (staticmethod, classmethod)):
            yield from _functions([value.__func__])


def _note(function: FunctionType, called: set[CodeType]) -> None:
    """Have *function*'s first call add its code to *called*, and put it back.

    The stub's one name is looked up in the globals of the function's own module.
    """
    code = function.__code__

    def whole() -> FunctionType:
        called.add(code)
        function.__code__ = code
        return function

    function.__globals__[_name(code)] = whole
    function.__code__ = _stub.__code__.replace(co_names=(_name(code),))


def _stub(*args: Any, **kwargs: Any) -> Any:
    return _whole()(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821 - see `_note`


def _name(code: CodeType) -> str:
    return f"first call of {code.co_qualname} in line {code.co_firstlineno}"
