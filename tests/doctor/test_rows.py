"""Every check of the doctor runs: no method and no file is left out."""

from __future__ import annotations

import ast

import pytest

from checkout import ROOT

DOCTOR = ROOT / "bot" / "doctor"
FILES = sorted(DOCTOR.glob("*_checks.py"))


def classes(name: str) -> list[ast.ClassDef]:
    """Return the classes with rows of checks in one of the doctor's files."""
    tree = ast.parse((DOCTOR / name).read_text(encoding="utf-8"))
    found = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    return [each for each in found if "all" in methods(each)]


def methods(of: ast.ClassDef) -> dict[str, ast.AST]:
    """Return the methods of a class by name."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name: each for each in of.body if isinstance(each, kinds)}


def named_in(node: ast.AST) -> set[str]:
    """Return the attributes of ``self`` and the names that occur in *node*."""
    found = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return found | {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


@pytest.mark.parametrize("file", [each.name for each in FILES])
def test_every_check_has_its_row_and_every_file_is_run(file: str) -> None:
    """A check that never runs finds nothing, and all looks well."""
    runs = named_in(ast.parse((DOCTOR / "doctor.py").read_text(encoding="utf-8")))
    found = classes(file)

    assert found
    for each in found:
        checks = {
            name
            for name, method in methods(each).items()
            if isinstance(method, ast.AsyncFunctionDef)
            and ast.unparse(method.returns or ast.Constant(None)) == "str"
            and [one.arg for one in method.args.args] == ["self"]
        }
        assert checks <= named_in(methods(each)["all"])
        assert each.name in runs
