"""The examples in the docstrings of the test kit, and what its names are."""

from __future__ import annotations

import doctest
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING

import s3open
from s3open import testing

if TYPE_CHECKING:
    from s3open.testing import S3Server

MODULES = ["", ".faults", ".server", ".sockets", ".synthetic", ".process"]


def test_the_examples_are_true(s3open_server: S3Server) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in MODULES:
        module = import_module(f"s3open.testing{name}")
        known = {**vars(module), "s3open": s3open, "server": s3open_server}
        for example in finder.find(module, extraglobs=known):
            runner.run(example)
    found = runner.summarize()
    assert found.failed == 0
    assert found.attempted >= 12


PUBLIC = """ArmedFault Fault Record S3Server ServerProcess Shape Tally
synthetic_bytes"""


def test_the_public_names_are_there_and_documented() -> None:
    assert testing.__all__ == PUBLIC.split()
    assert set(testing.__all__) <= set(dir(testing))
    for name in testing.__all__:
        assert getattr(testing, name).__doc__
    for name in dir(testing.S3Server):
        assert name[0] == "_" or getattr(testing.S3Server, name).__doc__, name


def test_the_tables_have_every_field() -> None:
    for each in (testing.Fault, testing.Shape):
        for field in fields(each):
            assert f"*{field.name}*" in (each.__doc__ or ""), field.name
