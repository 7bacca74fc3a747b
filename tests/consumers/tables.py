"""Tables: pandas, pyarrow, fastavro, openpyxl."""

from __future__ import annotations

from typing import Any

from tests.consumers.consumer import Consumer, Library

pandas = Library("pandas")
pyarrow = Library("pyarrow")
parquet = Library("pyarrow.parquet")
arrow_csv = Library("pyarrow.csv")
feather = Library("pyarrow.feather")
fastavro = Library("fastavro")
openpyxl = Library("openpyxl")

SCHEMA = {
    "type": "record",
    "name": "row",
    "fields": [{"name": "n", "type": "long"}, {"name": "text", "type": "string"}],
}


def frame(numbers: list[int]) -> Any:
    return pandas.DataFrame({"n": numbers, "text": [f"é{n}" for n in numbers]})


def rows(found: Any) -> object:
    return found.to_dict("list")


def arrow(numbers: list[int]) -> Any:
    return pyarrow.table({"n": numbers, "text": [f"é{n}" for n in numbers]})


def write_ipc(file: Any, numbers: list[int]) -> None:
    table = arrow(numbers)
    with pyarrow.PythonFile(file, "w") as sink:
        with pyarrow.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, 10_000)


def read_ipc(file: Any) -> object:
    with pyarrow.PythonFile(file, "r") as source:
        reader = pyarrow.ipc.open_file(source)
        return [
            reader.get_batch(n).to_pydict() for n in range(reader.num_record_batches)
        ]


def write_avro(file: Any, numbers: list[int]) -> None:
    records = [{"n": number, "text": f"é{number}"} for number in numbers[::10]]
    fastavro.writer(file, SCHEMA, records, sync_marker=b"0123456789abcdef")


def write_excel(file: Any, numbers: list[int]) -> None:
    with pandas.ExcelWriter(file, engine="openpyxl") as book:
        frame(numbers[:50]).to_excel(book, sheet_name="one", index=False)
        frame(numbers[50:99]).to_excel(book, sheet_name="two", index=False)


def read_excel(file: Any) -> object:
    sheets = pandas.read_excel(file, sheet_name=None, engine="openpyxl")
    return {name: rows(found) for name, found in sheets.items()}


def write_book(file: Any, numbers: list[int]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("é")
    for start in range(0, 1_000, 10):
        sheet.append(numbers[start : start + 10])
    book.save(file)


def read_book(file: Any) -> object:
    book = openpyxl.load_workbook(file, read_only=True)
    found = [[cell.value for cell in row] for row in book["é"].rows]
    book.close()
    return found


CONSUMERS = [
    Consumer(
        "pandas csv text",
        lambda file, numbers: frame(numbers[::10]).to_csv(file, index=False),
        lambda file: rows(pandas.read_csv(file)),
        mode="w",
        options={"encoding": "utf-8", "newline": ""},
    ),
    Consumer(
        "pandas csv",
        lambda file, numbers: frame(numbers[::10]).to_csv(file, index=False),
        lambda file: rows(pandas.read_csv(file)),
    ),
    Consumer(
        "pandas parquet",
        lambda file, numbers: frame(numbers).to_parquet(file),
        lambda file: rows(pandas.read_parquet(file)),
    ),
    Consumer("pandas excel", write_excel, read_excel, exact=False),
    Consumer(
        "pandas pickle",
        lambda file, numbers: frame(numbers).to_pickle(file),
        lambda file: rows(pandas.read_pickle(file)),
    ),
    Consumer(
        "pyarrow parquet",
        lambda file, numbers: parquet.write_table(arrow(numbers), file, 9_000),
        lambda file: parquet.read_table(file, columns=["text"]).to_pydict(),
    ),
    Consumer(
        "pyarrow feather",
        lambda file, numbers: feather.write_feather(arrow(numbers), file),
        lambda file: feather.read_table(file).to_pydict(),
    ),
    Consumer(
        "pyarrow csv",
        lambda file, numbers: arrow_csv.write_csv(arrow(numbers), file),
        lambda file: arrow_csv.read_csv(file).to_pydict(),
    ),
    Consumer("pyarrow ipc", write_ipc, read_ipc),
    Consumer("fastavro", write_avro, lambda file: list(fastavro.reader(file))),
    Consumer("openpyxl", write_book, read_book, exact=False),
]
