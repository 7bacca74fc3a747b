"""The architecture, held as tests: imports go downwards, rooms are small."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import s3open

PACKAGE = Path(s3open.__file__).parent

# Top to bottom. A module may import from its own folder and from what stands below; the
# ground floor is one folder.
LAYERS = [
    ["__main__"],
    ["cli"],
    ["integrations", "testing"],
    ["functions", "recovering"],
    ["service"],
    ["path"],
    ["filesystem"],
    ["trees"],
    ["transfers"],
    ["opening"],
    # What `open` itself is told in the words of other libraries.
    ["integrations.transport_params"],
    ["integrations.storage_options"],
    ["stores"],
    ["files"],
    ["reading", "writing", "cache"],
    ["spool"],
    ["s3"],
    ["contract"],
    [
        "errors",
        "codes",
        "coded",
        "answered",
        "access",
        "tracing",
        "location",
        "naming",
        "config",
        "checksums",
        "spans",
        "forking",
        "_version",
    ],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

MODULES = {
    ".".join(("s3open", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
# Only these may import what is dear, or foreign.
GATES = {
    "boto3": {"s3open.s3"},
    "botocore": {"s3open.s3"},
    "awscrt": {"s3open.s3", "s3open.checksums"},
    "smart_open": {
        "s3open.stores.other",
        "s3open.stores.codecs",
        "s3open.integrations.patching",
    },
    "fsspec": {"s3open.integrations"},
    "upath": {"s3open.integrations"},
}


@cache
def imported(path: Path, module: str) -> list[str]:
    """Return the modules that *path* imports, also those for types only."""
    return list(_imported(path, module))


def _imported(path: Path, module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative import"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if _is_module(full) else node.module


def _is_module(name: str) -> bool:
    return name in MODULES or f"{name}.__init__" in MODULES


def room(module: str) -> str:
    parts = module.split(".")
    inner = ".".join(parts[1:3])
    return inner if inner in RANK else parts[1]


@cache
def graph() -> dict[str, set[str]]:
    edges: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        edges[module] = {
            name if name in MODULES else f"{name}.__init__"
            for name in imported(path, module)
            if name.partition(".")[0] == "s3open"
        }
    return edges


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards_only(module: str) -> None:
    if module == "s3open.__init__":
        return
    rank = RANK[room(module)]
    for target in graph()[module]:
        if target == "s3open.__init__":
            assert rank <= RANK["cli"], f"{module} imports the package itself"
        elif room(target) != room(module) and rank < RANK["errors"]:
            assert RANK[room(target)] > rank, f"{module} imports {target}"


def test_imports_make_no_circles() -> None:
    edges = graph()
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for target in edges[module]:
                # A package's own __init__ gathers its modules' names for others.
                if target != module.rpartition(".")[0] + ".__init__":
                    visit(target, (*trail, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("library", GATES)
def test_a_foreign_library_is_imported_behind_its_gate_only(library: str) -> None:
    for module, path in MODULES.items():
        if any(name.partition(".")[0] == library for name in imported(path, module)):
            assert any(
                f"{module}.".startswith(f"{gate}.") for gate in GATES[library]
            ), f"{module} imports {library}"


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_are_small(module: str) -> None:
    text = MODULES[module].read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            first = body[0].lineno if body else node.lineno
            length = (node.end_lineno or first) - first + 1
            assert length <= 50, f"{module}.{node.name} has {length} lines"
