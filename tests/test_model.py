"""Random operations on a file of ours and on a local one of builtin's: no difference.

Files are opened several times in a row, in every mode; results, exceptions and what is
there in the end have to be equal. Both have buffers of the same size, and ours waits
until its own is full, so that even `peek`, `read1` and descriptors, which show it, have
to agree. Known differences are part of the model: on S3 a block left by an exception
leaves the old object.

The same examples are tried every time. So many new ones on each store, and a twentieth
of it with large files::

    S3OPEN_MODEL_EXAMPLES=5000 pytest tests/test_model.py
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from s3open import Config
from s3open.reading import Download
from tests.model.sequences import Sequence, large_sequences, sequences
from tests.model.twins import Twins
from tests.stores import MIB, LocalStore, S3Store, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stores import Endpoint

_EXAMPLES = os.environ.get("S3OPEN_MODEL_EXAMPLES")


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=_EXAMPLES is None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.fixture(scope="module", params=["s3open", "local"])
def twins(
    request: pytest.FixtureRequest,
    s3open_endpoint: Endpoint,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Twins]:
    config = Config(
        endpoint_url=s3open_endpoint.url,
        access_key=s3open_endpoint.access_key,
        secret_key=s3open_endpoint.secret_key,
        region=s3open_endpoint.region,
        memory=2 * MIB,
        part_size=5 * MIB,
    )
    folder = tmp_path_factory.mktemp("model")
    ours: Store = LocalStore(folder / "ours")
    if request.param == "s3open":
        ours = S3Store(s3open_endpoint)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", os.fspath(folder / "state"))
        # Where more takes long a buffer takes less, which is another matter each time.
        environment.setattr(Download, "_takes_long", lambda self, offset: False)
        yield Twins(ours, LocalStore(folder / "builtin"), config)
    assert ours.pending_uploads() == []
    # What should have been published and was not would be here.
    assert not (folder / "state").exists()


@given(sequence=sequences())
@examples(int(_EXAMPLES or 160))
def test_files_are_as_builtins(twins: Twins, sequence: Sequence) -> None:
    twins.run(sequence)


@given(sequence=large_sequences())
@examples(int(_EXAMPLES or 400) // 20)
def test_large_files_are_as_builtins(twins: Twins, sequence: Sequence) -> None:
    twins.run(sequence)
