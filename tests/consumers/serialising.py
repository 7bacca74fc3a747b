"""The standard library: tables, trees and sound."""

from __future__ import annotations

import array
import csv
import json
import pickle
import plistlib
import wave
from typing import Any
from xml.etree import ElementTree

from tests.consumers.consumer import Consumer, as_bytes

TEXT = {"encoding": "utf-16", "errors": "strict"}


def write_csv(file: Any, numbers: list[int]) -> None:
    csv.writer(file).writerows([number, f"é\n{number}"] for number in numbers[::10])


def write_pickles(file: Any, numbers: list[int]) -> None:
    for step in (1, 2, 3):
        pickle.dump(numbers[::step], file)


def read_pickles(file: Any) -> object:
    return [pickle.load(file) for _ in range(3)]


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
]
