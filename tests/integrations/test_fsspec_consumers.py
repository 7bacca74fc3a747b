"""Libraries that know fsspec, reading and writing ``s3open://bucket/key``.

Skipped where they are not installed, unless S3OPEN_TEST_CONSUMERS=1 demands all but the
heavy ones (xarray, zarr, polars), which are looked at where they happen to be.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if os.environ.get("S3OPEN_TEST_CONSUMERS") != "1":
    pytest.importorskip("fsspec")

from tests.consumers.consumer import Library

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

# What they do not close, and what they call that is deprecated, is not ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

BUCKET = "s3open-test"
ROOT = f"s3open://{BUCKET}"

pandas = Library("pandas")
pyarrow = Library("pyarrow")
arrow_fs = Library("pyarrow.fs")
dataset = Library("pyarrow.dataset")
parquet = Library("pyarrow.parquet")
dask = Library("dask")
dataframe = Library("dask.dataframe")
bag = Library("dask.bag")


@pytest.fixture
def options(s3open_server: S3Server) -> dict[str, Any]:
    """Storage options that say all, so that nothing comes from the environment."""
    return {
        "key": s3open_server.access_key,
        "secret": s3open_server.secret_key,
        "endpoint_url": s3open_server.endpoint_url,
        "client_kwargs": {"region_name": "us-east-1"},
    }


@pytest.fixture
def server(
    fs: Any, s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> S3Server:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    return s3open_server


def frame() -> Any:
    return pandas.DataFrame({"n": range(5000), "text": [f"é{n}" for n in range(5000)]})


@pytest.mark.parametrize(
    ("name", "write", "read"),
    [
        ("t.csv", "to_csv", "read_csv"),
        ("t.csv.gz", "to_csv", "read_csv"),
        ("t.json", "to_json", "read_json"),
        ("t.parquet", "to_parquet", "read_parquet"),
        ("t.pickle", "to_pickle", "read_pickle"),
    ],
)
def test_pandas(
    server: S3Server, options: dict[str, Any], name: str, write: str, read: str
) -> None:
    table, uri = frame(), f"{ROOT}/d/{name}"
    more = {"index": False} if write in ("to_csv", "to_parquet") else {}
    getattr(table, write)(uri, storage_options=options, **more)
    found = getattr(pandas, read)(uri, storage_options=options)
    assert found.to_dict("list") == table.to_dict("list")
    assert server.keys(BUCKET) == [f"d/{name}"]


def test_a_table_that_cannot_be_written_leaves_the_old_one(
    server: S3Server, options: dict[str, Any]
) -> None:
    class Broken:
        def __str__(self) -> str:
            raise ZeroDivisionError

    server.put(BUCKET, "t.csv", b"old")
    table = pandas.DataFrame({"n": [*range(50_000), Broken()]})
    with pytest.raises(ZeroDivisionError):
        table.to_csv(f"{ROOT}/t.csv", storage_options=options)
    assert server.read(BUCKET, "t.csv") == b"old"


def test_pyarrow_datasets(fs: Any, s3open_server: S3Server) -> None:
    table = pyarrow.table({"n": list(range(1000)), "k": [n % 3 for n in range(1000)]})
    store = arrow_fs.PyFileSystem(arrow_fs.FSSpecHandler(fs))
    dataset.write_dataset(
        table,
        f"{BUCKET}/set",
        format="parquet",
        filesystem=store,
        partitioning=["k"],
        partitioning_flavor="hive",
    )
    assert len(s3open_server.keys(BUCKET)) == 3
    found = dataset.dataset(
        f"{BUCKET}/set", format="parquet", filesystem=store, partitioning="hive"
    )
    some = found.to_table(filter=dataset.field("k") == 1, columns=["n"])
    assert sorted(some["n"].to_pylist()) == list(range(1, 1000, 3))
    assert parquet.read_table(f"{BUCKET}/set", filesystem=fs).num_rows == 1000
    told = store.get_file_info(f"{BUCKET}/set")
    assert told.type == arrow_fs.FileType.Directory
    store.delete_dir(f"{BUCKET}/set")
    assert s3open_server.keys(BUCKET) == []
    with store.open_output_stream(f"{BUCKET}/raw") as stream:
        stream.write(b"raw")
    store.move(f"{BUCKET}/raw", f"{BUCKET}/moved")
    store.copy_file(f"{BUCKET}/moved", f"{BUCKET}/copied")
    with store.open_input_file(f"{BUCKET}/copied") as file:
        assert file.read_at(2, 1) == b"aw"


def test_dask_dataframes(server: S3Server, options: dict[str, Any]) -> None:
    table = frame()
    parts = dataframe.from_pandas(table, npartitions=3)
    with dask.config.set(scheduler="threads"):
        parts.to_parquet(f"{ROOT}/p", storage_options=options, write_index=False)
        found = dataframe.read_parquet(f"{ROOT}/p", storage_options=options).compute()
        assert sorted(found["n"]) == list(range(5000))
        parts.to_csv(f"{ROOT}/c/*.csv", storage_options=options, index=False)
        found = dataframe.read_csv(
            f"{ROOT}/c/*.csv", storage_options=options, blocksize=4 << 10
        )
        assert found.npartitions > 3
        assert sorted(found["n"].compute()) == list(range(5000))
    assert len([key for key in server.keys(BUCKET) if key.startswith("c/")]) == 3


def test_dask_bags(server: S3Server, options: dict[str, Any]) -> None:
    lines = [f"{number}" for number in range(100)]
    with dask.config.set(scheduler="threads"):
        made = bag.from_sequence(lines, npartitions=4)
        made.to_textfiles(f"{ROOT}/b/*.txt.gz", storage_options=options)
        found = bag.read_text(f"{ROOT}/b/*.txt.gz", storage_options=options)
        assert [line.strip() for line in found.compute()] == lines


def test_what_dask_sends_to_its_workers_pickles(fs: Any, s3open_bucket: str) -> None:
    import pickle

    import fsspec

    fs.pipe(f"{s3open_bucket}/k", b"content")
    opened = fsspec.open(f"{ROOT}/k", "rb")
    with pickle.loads(pickle.dumps(opened)) as file:
        with pickle.loads(pickle.dumps(file)) as again:
            assert again.read() == b"content"


def test_universal_paths(server: S3Server, options: dict[str, Any]) -> None:
    made, registry = Library("upath").UPath, Library("upath.registry")
    from s3open.integrations.upath import S3OpenUPath

    registry.register_implementation("s3open", S3OpenUPath, clobber=True)
    top = made(ROOT, **options)
    path = top / "d" / "a.txt"
    assert (path.name, path.parent.name, path.drive) == ("a.txt", "d", BUCKET)
    path.write_text("one\n")
    with path.open("a") as file:
        file.write("two\n")
    assert path.read_text() == "one\ntwo\n"
    assert list(top.rglob("*.txt")) == [path]
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_size == 8
    moved = path.rename(path.with_name("b.txt"))
    assert [moved.exists(), path.exists(), moved.is_file()] == [True, False, True]
    moved.unlink()
    with pytest.raises(FileNotFoundError):
        moved.read_bytes()
    assert f"{top}" == f"{ROOT}/"


def test_downloads_are_kept_by_fsspecs_own_cache(
    fs: Any, s3open_server: S3Server, tmp_path: Path
) -> None:
    import fsspec

    s3open_server.put(BUCKET, "k", b"content")
    given: dict[str, Any] = {"simplecache": {"cache_storage": f"{tmp_path}"}}
    for _ in range(2):
        with fsspec.open(f"simplecache::{ROOT}/k", "rb", **given) as file:
            assert file.read() == b"content"
    taken = [each.operation for each in s3open_server.requests]
    assert taken.count("GetObject") == 1


def test_archives_are_looked_into(fs: Any, s3open_bucket: str) -> None:
    import zipfile

    import fsspec

    with fs.open(f"{s3open_bucket}/x.zip", "wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("inside/a.txt", "hello")
    with fsspec.open(f"zip://inside/a.txt::{ROOT}/x.zip", "rb") as inner:
        assert inner.read() == b"hello"


# Heavy, so not in the extra.


def test_zarr_and_xarray(fs: Any, s3open_server: S3Server) -> None:
    numpy = pytest.importorskip("numpy")
    zarr = pytest.importorskip("zarr")
    xarray = pytest.importorskip("xarray")
    made = zarr.open_array(
        f"{ROOT}/z", mode="w", shape=(100, 100), chunks=(10, 100), dtype="i4"
    )
    made[:] = numpy.arange(10_000).reshape(100, 100)
    found = zarr.open_array(f"{ROOT}/z", mode="r")
    assert found[50, 7] == 5007
    assert int(found[:].sum()) == 49_995_000
    data = xarray.Dataset({"t": (("x", "y"), numpy.ones((20, 30)))})
    data.to_zarr(f"{ROOT}/x", mode="w", consolidated=False)
    again = xarray.open_zarr(f"{ROOT}/x", consolidated=False)
    assert float(again["t"].sum()) == 600.0
    again.close()


def test_xarray_reads_a_file(fs: Any, s3open_bucket: str) -> None:
    numpy = pytest.importorskip("numpy")
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = xarray.Dataset({"t": (("x",), numpy.arange(1000))})
    with fs.open(f"{s3open_bucket}/t.nc", "wb") as file:
        data.to_netcdf(file, engine="h5netcdf")
    with fs.open(f"{s3open_bucket}/t.nc") as file:
        with xarray.open_dataset(file, engine="h5netcdf") as found:
            assert int(found["t"].sum()) == 499_500


def test_polars(fs: Any) -> None:
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"n": range(1000)})
    with fs.open(f"{BUCKET}/t.parquet", "wb") as file:
        table.write_parquet(file)
    with fs.open(f"{BUCKET}/t.parquet") as file:
        assert polars.read_parquet(file).equals(table)
    with fs.open(f"{BUCKET}/t.csv", "wb") as file:
        table.write_csv(file)
    # It knows no schemes but its own.
    with fs.open(f"{BUCKET}/t.csv") as file:
        assert polars.read_csv(file).equals(table)
