"""Documents and configurations: PDF, Word, XML, YAML, TOML, INI, e-mail."""

from __future__ import annotations

import configparser
import email
import email.generator
import email.message
import email.policy
from typing import Any

from tests.consumers.consumer import Consumer, Library

etree = Library("lxml.etree")
docx = Library("docx")
pypdf = Library("pypdf")
tomli_w = Library("tomli_w")
tomllib = Library("tomllib")
xlsxwriter = Library("xlsxwriter")
openpyxl = Library("openpyxl")
yaml = Library("yaml")


def write_lxml(file: Any, numbers: list[int]) -> None:
    with etree.xmlfile(file, encoding="utf-8") as xml, xml.element("root"):
        for number in numbers[::10]:
            with xml.element("é"):
                xml.write(str(number))


def read_lxml(file: Any) -> object:
    return [node.text for _, node in etree.iterparse(file)]


def write_document(file: Any, numbers: list[int]) -> None:
    document = docx.Document()
    for number in numbers[:20]:
        document.add_paragraph(f"é{number}")
    document.save(file)


def read_document(file: Any) -> object:
    return [each.text for each in docx.Document(file).paragraphs]


def write_pages(file: Any, numbers: list[int]) -> None:
    pages = pypdf.PdfWriter()
    for number in numbers[:20]:
        pages.add_blank_page(number, 100)
    pages.write(file)


def read_pages(file: Any) -> object:
    return [page.mediabox.width for page in pypdf.PdfReader(file).pages]


def write_sheet(file: Any, numbers: list[int]) -> None:
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("é")
        for row in range(100):
            sheet.write_row(row, 0, numbers[row * 10 :][:10])


def read_sheet(file: Any) -> object:
    return [list(row) for row in openpyxl.load_workbook(file)["é"].values]


def write_settings(file: Any, numbers: list[int]) -> None:
    settings = configparser.ConfigParser()
    settings["é"] = {f"n{number}": str(number) for number in numbers[::10]}
    settings.write(file)


def read_settings(file: Any) -> object:
    settings = configparser.ConfigParser()
    settings.read_file(file, "whatever its name")
    return {name: dict(found) for name, found in settings.items()}


def write_mail(file: Any, numbers: list[int]) -> None:
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = "é"
    mail.set_content(" ".join(map(str, numbers)), cte="base64")
    email.generator.BytesGenerator(file).flatten(mail)


def read_mail(file: Any) -> object:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
    return mail["subject"], mail.get_payload(decode=True)


CONSUMERS = [
    Consumer("lxml", write_lxml, read_lxml),
    Consumer("docx", write_document, read_document, exact=False),
    Consumer("pypdf", write_pages, read_pages, exact=False),
    Consumer("xlsxwriter", write_sheet, read_sheet, exact=False),
    Consumer(
        "yaml",
        lambda file, data: yaml.safe_dump({"é": data[::500]}, file, allow_unicode=True),
        yaml.safe_load,
        mode="w",
        options={"encoding": "utf-8"},
    ),
    Consumer(
        "tomli_w",
        lambda file, data: tomli_w.dump({"é": data[::20]}, file),
        lambda file: tomllib.load(file),
    ),
    Consumer(
        "configparser",
        write_settings,
        read_settings,
        mode="w",
        options={"encoding": "utf-8"},
    ),
    Consumer("email", write_mail, read_mail),
]
