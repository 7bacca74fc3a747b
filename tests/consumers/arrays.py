"""Arrays: numpy, h5py, xarray, h5netcdf, zarr, safetensors, joblib."""

from __future__ import annotations

from typing import Any

from tests.consumers.consumer import Consumer, Library

numpy = Library("numpy")
h5py = Library("h5py")
joblib = Library("joblib")
tensors = Library("safetensors.numpy")
xarray = Library("xarray")
h5netcdf = Library("h5netcdf")
zarr = Library("zarr")


def write_npy(file: Any, numbers: list[int]) -> None:
    numpy.save(file, numpy.array(numbers))
    numpy.save(file, numpy.array(numbers, "f4").reshape(-1, 10)[::2])


def read_npy(file: Any) -> object:
    return [numpy.load(file).tolist() for _ in range(2)]


def write_npz(file: Any, numbers: list[int]) -> None:
    numpy.savez_compressed(file, a=numpy.array(numbers), b=numpy.array([1.5]))


def read_npz(file: Any) -> object:
    with numpy.load(file) as found:
        return found["b"].tolist(), found["a"].tolist()


def write_map(file: Any, numbers: list[int]) -> None:
    shape = (2, len(numbers))
    memory = numpy.memmap(file, "i4", "r+", 12, shape)
    memory[1] = numbers
    memory.flush()


def read_map(file: Any) -> object:
    return numpy.memmap(file, "i4", "r", 12).tolist()


def read_raw(file: Any) -> object:
    # The second begins where the first has ended.
    return [numpy.fromfile(file, "i8", n).tolist() for n in (1_000, 5)], file.tell()


def write_csv(file: Any, numbers: list[int]) -> None:
    numpy.savetxt(file, numpy.array(numbers[::20]).reshape(-1, 2), "%d", header="é")


def write_hdf(file: Any, numbers: list[int]) -> None:
    with h5py.File(file, "a" if file.seek(0, 2) else "w") as tree:
        made = tree.create_dataset(str(len(numbers)), data=numbers, chunks=(4_000,))
        made.attrs["unit"] = "m"


def read_hdf(file: Any) -> object:
    with h5py.File(file, "r") as tree:
        return {
            name: (found.attrs["unit"], found[:].tolist())
            for name, found in tree.items()
        }


def write_dataset(file: Any, numbers: list[int]) -> None:
    found = xarray.Dataset({"a": ("x", numbers)}, attrs={"unit": "m"})
    found.to_netcdf(file, engine="h5netcdf")


def read_dataset(file: Any) -> object:
    with xarray.open_dataset(file, engine="h5netcdf") as found:
        part = found["a"].isel(x=slice(1_000, 5_000)).values.tolist()
        return dict(found.sizes), found.attrs, part


def write_netcdf(file: Any, numbers: list[int]) -> None:
    with h5netcdf.File(file, "w") as tree:
        tree.dimensions = {"x": len(numbers)}
        tree.create_variable("a", ("x",), data=numpy.array(numbers))


def read_netcdf(file: Any) -> object:
    with h5netcdf.File(file, "r") as tree:
        return tree["a"][1_000:5_000].tolist()


def write_zarr(file: Any, numbers: list[int]) -> None:
    with zarr_store(file, "w") as store:
        made = zarr.create_array(store, shape=len(numbers), chunks=4_000, dtype="i4")
        made[:] = numpy.array(numbers)


def read_zarr(file: Any) -> object:
    with zarr_store(file, "r") as store:
        return zarr.open_array(store, mode="r")[1_000:5_000].tolist()


def zarr_store(file: Any, mode: str) -> Any:
    """Return a store of zarr's in a zip file: it asks for a path, zipfile for none."""
    store = Library("zarr.storage").ZipStore("path", mode=mode, compression=0)
    store.path = file
    return store


def write_joblib(file: Any, numbers: list[int]) -> None:
    joblib.dump({"array": numpy.array(numbers), "more": [1]}, file)


def read_joblib(file: Any) -> object:
    found = joblib.load(file)
    return found["array"].tolist(), found["more"]


def write_tensors(file: Any, numbers: list[int]) -> None:
    file.write(tensors.save({"a": numpy.array(numbers), "b": numpy.zeros(3)}))


def read_tensors(file: Any) -> object:
    return {name: found.tolist() for name, found in tensors.load(file.read()).items()}


CONSUMERS = [
    Consumer("numpy save", write_npy, read_npy),
    Consumer("numpy savez", write_npz, read_npz),
    Consumer("numpy memmap", write_map, read_map, mode="w+b"),
    Consumer(
        "numpy tofile",
        lambda file, numbers: numpy.array(numbers).tofile(file),
        read_raw,
    ),
    Consumer(
        "numpy savetxt",
        write_csv,
        lambda file: numpy.loadtxt(file).tolist(),
        mode="w",
        options={"encoding": "utf-8"},
    ),
    Consumer("h5py", write_hdf, read_hdf, mode="w+b"),
    Consumer("xarray", write_dataset, read_dataset, mode="w+b", exact=False),
    Consumer("h5netcdf", write_netcdf, read_netcdf, mode="w+b", exact=False),
    Consumer("zarr", write_zarr, read_zarr, exact=False),
    Consumer("joblib", write_joblib, read_joblib),
    Consumer("safetensors", write_tensors, read_tensors),
]
