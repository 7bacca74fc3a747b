"""What `python -m benchmarks` makes of its measurements."""

import json
from xml.etree import ElementTree

import pytest

from benchmarks.chart import chart
from benchmarks.measuring import Result, Run
from benchmarks.peers import installed, is_ours, takes_part
from benchmarks.readme import markdown
from benchmarks.server import Traffic
from benchmarks.targets import Verdict, verdicts
from benchmarks.workloads import Workload, workloads

READ, LINES, FIRST, APPEND = (
    next(work for work in workloads(quick=True) if work.name == name)
    for name in ("sequential read", "lines", "first byte of 10 GiB", "append 1 KiB")
)


def result(
    work: Workload, profile: str, peer: str, *walls: float, sent: int = 0
) -> Result:
    traffic = Traffic({"GetObject": 3 * len(walls)}, 0, sent, 0)
    runs = [Run(wall, 0.5, 1 << 20, 3, traffic) for wall in walls]
    return Result(work, profile, peer, runs)


def verdict(results: list[Result], *words: str) -> Verdict:
    [found] = [
        each for each in verdicts(results) if all(word in each.target for word in words)
    ]
    return found


@pytest.mark.parametrize(("ours", "met"), [(0.5, True), (0.51, False)])
def test_a_ratio_is_to_the_fastest_peer_by_medians(ours: float, met: bool) -> None:
    results = [
        result(READ, "s3like", "s3open", 9, ours, 0.1),
        result(READ, "s3like", "boto3", 2, 2, 2),
        result(READ, "s3like", "obstore x32", 1, 1, 0.1),
    ]
    found = verdict(results, "sequential read, s3like", "fastest peer")
    assert found.figure == pytest.approx(ours)
    assert found.met is met


def test_of_several_named_the_fastest_counts() -> None:
    results = [
        result(READ, "raw", "s3open", 3),
        result(READ, "raw", "pyarrow", 2),
        result(READ, "raw", "smart_open", 4),
        result(READ, "raw", "boto3 transfer x32", 1),
    ]
    found = verdict(results, "sequential read, raw", "fastest file")
    assert found.figure == pytest.approx(1.5)


def test_neither_references_nor_ourselves_are_peers() -> None:
    results = [
        result(LINES, "raw", "s3open", 3),
        result(LINES, "raw", "s3open readinto", 1),
        result(LINES, "raw", "builtin open", 1),
        result(LINES, "raw", "boto3", 4),
    ]
    assert verdict(results, "lines", "fastest peer").figure == pytest.approx(0.75)
    assert verdict(results, "lines", "local file").met is False


def test_a_stream_stands_for_us_where_nothing_else_of_ours_was_measured() -> None:
    [work] = [each for each in workloads(quick=False) if "write 20" in each.name][:1]
    results = [result(work, "raw", "s3open streaming", 3)]
    assert verdict(results, "memory, write 20 GiB, raw").figure == 1
    assert verdict(results, "memory, write 20 GiB to spill").figure is None


def test_times_faster_counts_the_other_way_round() -> None:
    results = [
        result(READ, "s3like", "s3open", 1),
        result(READ, "s3like", "s3fs", 15.5),
        result(READ, "s3like", "smart_open", 14.5),
    ]
    assert verdict(results, "sequential read", "faster (s3fs)").met is True
    assert verdict(results, "sequential read", "faster (smart_open)").met is False


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {each.met for each in verdicts([])} == {None}
    failed = Result(READ, "s3like", "s3open", failed="gone")
    alone = [failed, result(READ, "s3like", "boto3", 1)]
    assert {each.met for each in verdicts(alone)} == {None}


def test_traffic_is_that_of_one_operation() -> None:
    # 3 operations in each run: 1 request each, and 2 MiB.
    results = [result(FIRST, "s3like", "s3open", 1, sent=6 << 20)]
    assert verdict(results, "first byte", "requests").figure == 1
    assert verdict(results, "first byte", "MiB moved").figure == 2


def test_time_without_transfer_is_given_in_round_trips() -> None:
    # 8 MB at 80 MB/s are 0.1 s; of 0.3 s there remain 10 round trips of 20 ms.
    results = [result(APPEND, "s3like", "s3open", 0.3, sent=3 * 8_000_000)]
    found = verdict(results, "append", "round trips")
    assert found.figure == pytest.approx(10)


def test_the_chart_has_a_bar_for_the_fastest_way_of_each_package() -> None:
    results = [
        result(READ, "raw", "s3open", 2),
        result(READ, "raw", "boto3", 4),
        result(READ, "raw", "boto3 bare stream", 1),
        result(READ, "raw", "boto3 transfer x32", 3),
        Result(READ, "raw", "s3fs", failed="a < b"),
    ]
    drawn = ElementTree.fromstring(chart(results))
    bars = drawn.iter("{http://www.w3.org/2000/svg}rect")
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert len(widths) == 2
    assert widths[0] == pytest.approx(widths[1] * 2 / 3, abs=0.1)


def test_markdown_has_a_row_for_each_workload_and_for_each_target_measured() -> None:
    results = [
        result(READ, "raw", "s3open", 2),
        result(READ, "raw", "boto3", 4),
        result(READ, "raw", "boto3 transfer x32", 3),
        Result(READ, "raw", "s3fs", failed="gone"),
    ]
    failed = [Result(LINES, "raw", "s3open", failed="gone")]
    first = [result(FIRST, "s3like", "s3open", 1, sent=6 << 20)]
    judged = verdicts([*results, *failed, *first])
    lines = list(markdown([results, failed, first], judged))
    [row] = [line for line in lines if line.startswith("| sequential read | raw")]
    cells = [cell.strip() for cell in row.split("|")]
    assert "0.67x (boto3 transfer x32)" in cells
    assert cells.count("22 MB/s") == 1
    assert not any("lines" in line for line in lines)
    assert "| first byte of 10 GiB, s3like: MiB moved <= 2 | 2 | met |" in lines
    assert len({line.count("|") for line in lines[: lines.index("")]}) == 1


def test_what_was_written_as_json_is_read_again() -> None:
    before = [
        result(READ, "raw", "s3open", 2, 3),
        Result(FIRST, "raw", "a", failed="b"),
    ]
    summaries = json.loads(json.dumps([each.summary() for each in before]))
    assert [Result.of(summary) for summary in summaries] == before


def test_peers_are_chosen_by_name_or_by_package() -> None:
    names, missing = installed(["s3open", "bare http.client"])
    assert names[0] == "s3open"
    assert names[-1] == "bare http.client"
    assert {name.split()[0] for name in names[:-1]} == {"s3open"}
    assert missing == []
    assert [is_ours(name) for name in names] == [True] * (len(names) - 1) + [False]


def test_a_peer_takes_part_in_what_it_can() -> None:
    assert takes_part("s3open", APPEND, "s3like")
    assert not takes_part("bare http.client", APPEND, "s3like")
    assert takes_part("builtin open", READ, "raw")
    assert not takes_part("builtin open", READ, "s3like")
