"""Tables, trees and sound: the standard library, and what is like it."""

from __future__ import annotations

import array
import base64
import csv
import io
import json
import marshal
import pickle
import plistlib
import wave
from typing import Any
from xml.etree import ElementTree

from tests.consumers.consumer import Consumer, Library, as_bytes

cbor2 = Library("cbor2")
cloudpickle = Library("cloudpickle")
msgpack = Library("msgpack")
orjson = Library("orjson")

TEXT = {"encoding": "utf-16", "errors": "strict"}


def write_csv(file: Any, numbers: list[int]) -> None:
    csv.writer(file).writerows([number, f"é\n{number}"] for number in numbers[::10])


def write_pickles(file: Any, numbers: list[int]) -> None:
    for step in (1, 2, 3):
        pickle.dump(numbers[::step], file)


def read_pickles(file: Any) -> object:
    return [pickle.load(file) for _ in range(3)]


def write_msgpack(file: Any, numbers: list[int]) -> None:
    for step in (1, 2, 3):
        msgpack.pack({"é": numbers[::step]}, file)


def read_msgpack(file: Any) -> object:
    return list(msgpack.Unpacker(file))


def write_marshal(file: Any, numbers: list[int]) -> None:
    marshal.dump({"é": numbers[::20]}, file)


def write_base64(file: Any, numbers: list[int]) -> None:
    base64.encode(io.BytesIO(as_bytes(numbers[::20])), file)


def read_base64(file: Any) -> object:
    found = io.BytesIO()
    base64.decode(file, found)
    return found.getvalue()


def write_wave(file: Any, numbers: list[int]) -> None:
    with wave.open(file, "wb") as sound:
        sound.setparams((2, 2, 8000, 0, "NONE", ""))
        for start in range(0, len(numbers), 10_000):
            sound.writeframes(as_bytes(numbers[start : start + 10_000]))


def read_wave(file: Any) -> object:
    with wave.open(file, "rb") as sound:
        sound.setpos(1_000)
        return sound.getparams(), sound.readframes(sound.getnframes())


def read_array(file: Any) -> object:
    numbers = array.array("l")
    numbers.fromfile(file, 30_000)
    return numbers


def write_xml(file: Any, numbers: list[int]) -> None:
    root = ElementTree.Element("root")
    for number in numbers[::10]:
        ElementTree.SubElement(root, "é").text = str(number)
    ElementTree.ElementTree(root).write(file, "utf-8", xml_declaration=True)


def read_xml(file: Any) -> object:
    return [node.text for node in ElementTree.parse(file).iter()]


CONSUMERS = [
    Consumer(
        "csv",
        write_csv,
        lambda file: list(csv.reader(file)),
        mode="w",
        options={**TEXT, "newline": ""},
    ),
    Consumer(
        "json",
        lambda file, numbers: json.dump({"é": numbers}, file, ensure_ascii=False),
        json.load,
        mode="w",
        options=TEXT,
    ),
    Consumer(
        "print",
        lambda file, numbers: [print(n, "é", file=file) for n in numbers[::10]],
        lambda file: [file.readline(), file.tell(), list(file)],
        mode="w",
        options=TEXT,
    ),
    Consumer("pickle", write_pickles, read_pickles),
    Consumer(
        "plistlib", lambda file, data: plistlib.dump(data[::20], file), plistlib.load
    ),
    Consumer(
        "array", lambda file, data: array.array("l", data).tofile(file), read_array
    ),
    Consumer("xml", write_xml, read_xml),
    Consumer("wave", write_wave, read_wave),
    Consumer("marshal", write_marshal, marshal.load),
    Consumer("base64", write_base64, read_base64),
    Consumer("msgpack", write_msgpack, read_msgpack),
    Consumer(
        "orjson",
        lambda file, numbers: file.write(orjson.dumps({"é": numbers})),
        lambda file: orjson.loads(file.read()),
    ),
    Consumer(
        "cbor2",
        lambda file, numbers: cbor2.dump({"é": numbers[::10]}, file),
        lambda file: cbor2.load(file),
    ),
    Consumer(
        "cloudpickle",
        lambda file, data: cloudpickle.dump((lambda: data[::10]), file),
        lambda file: cloudpickle.load(file)(),
        exact=False,
    ),
]
