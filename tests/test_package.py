"""What a user gets by installing and importing the package."""

import inspect
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import s3open

DEAR = [
    "boto3",
    "botocore",
    "smart_open",
    "awscrt",
    "http.client",
    "ssl",
    "concurrent.futures",
    "asyncio",
    "urllib3",
]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    # As for a user: compiled modules are kept from one run to the next.
    unset = "PYTHONDONTWRITEBYTECODE"
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != unset},
    )


def test_importing_the_package_imports_nothing_dear() -> None:
    code = f"import sys, s3open; print([m for m in {DEAR!r} if m in sys.modules])"
    assert python("-c", code).stdout == "[]\n"


def test_opening_a_local_file_imports_nothing_dear() -> None:
    code = (
        "import sys, s3open; s3open.open(s3open.__file__).close();"
        f"print([m for m in {DEAR!r} if m in sys.modules])"
    )
    assert python("-c", code).stdout == "[]\n"


def test_importing_the_package_costs_less_than_30_ms() -> None:
    # CPU time of the import alone. Other processes slow it down all the same: what it
    # costs is what it takes when it is let alone, at one of many times.
    code = (
        "import time; start = time.process_time(); import s3open;"
        "print(time.process_time() - start)"
    )
    assert any(float(python("-c", code).stdout) < 0.030 for _ in range(40))


def test_the_public_names_exist_and_are_all_there_is() -> None:
    for name in s3open.__all__:
        assert hasattr(s3open, name)
    assert sorted(s3open.__all__) == s3open.__all__
    assert s3open.open.__doc__
    assert getattr(s3open.open, "__name__") == "open"  # noqa: B009  # not to types


def test_functions_are_methods_of_one_filesystem() -> None:
    default = s3open.functions._default
    for name in s3open.functions.__all__:
        function = getattr(s3open, name)
        if inspect.ismethod(function):
            assert function.__self__ is default
            assert function.__name__ == name
        assert function.__doc__
    own = {name for name in dir(s3open.FileSystem) if name[0] != "_"}
    assert own - {"config", "close"} <= set(s3open.__all__)


def test_no_module_takes_a_functions_name() -> None:
    # It would be the package's attribute of that name from its first import on.
    modules = {path.stem for path in Path(s3open.__file__).parent.iterdir()}
    assert modules & set(s3open.__all__) == set()


def test_the_package_is_typed() -> None:
    assert (Path(s3open.__file__).parent / "py.typed").exists()


def test_the_version_is_the_installed_one() -> None:
    assert metadata.version("s3open") == s3open.__version__


@pytest.mark.parametrize("script", ["s3open", "s3"])
def test_the_command_is_installed_under_both_names(script: str) -> None:
    found = Path(sys.executable).parent / script
    done = subprocess.run(
        [found, "version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{s3open.__version__}\n"


def test_the_package_runs_as_a_module() -> None:
    assert python("-m", "s3open", "version").stdout == f"{s3open.__version__}\n"


def test_help_names_every_command() -> None:
    done = python("-m", "s3open", "--help")
    assert done.returncode == 0
    for command in ("demo", "version"):
        assert command in done.stdout


def test_no_command_and_an_unknown_one_are_usage_errors() -> None:
    assert python("-m", "s3open").returncode == 2
    assert python("-m", "s3open", "nonsense").returncode == 2
