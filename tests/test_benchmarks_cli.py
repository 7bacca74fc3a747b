"""What `python -m benchmarks cli` runs, and what it is to reach."""

import pytest

from benchmarks.cli import programs, work
from benchmarks.cli.programs import PROGRAMS, takes_part
from benchmarks.cli.targets import targets
from benchmarks.measuring import Result, Run
from benchmarks.server import Traffic
from benchmarks.targets import judged

PLAN = {each.name: each for each in work.workloads(1)}


def test_every_target_is_of_something_that_is_measured() -> None:
    wanted = list(targets())
    for target in wanted:
        assert target.profile in PLAN[target.workload].profiles, target.workload
        assert set(target.than) <= PROGRAMS.keys()
    assert {target.workload for target in wanted} == PLAN.keys()


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_has_a_command_for_every_workload(name: str) -> None:
    for each in PLAN.values():
        if takes_part(name, each.action):
            command = PROGRAMS[name].command(each.action, "far", "/near")
            assert not any("{" in word for word in command)
            used = {"help": 0, "ls": 1, "rm": 1}.get(each.action, 2)
            assert sum("far" in word or "near" in word for word in command) == used


def test_less_is_done_where_that_is_wanted() -> None:
    small = list(work.workloads(0.01))
    assert [each.action for each in small] == [each.action for each in PLAN.values()]
    assert max(work.files(each) for each in small) == 1000
    assert work.files(PLAN["ls of 100,000"]) == 100_000


def test_programs_find_the_server_and_nobodys_settings() -> None:
    server = {"AWS_ENDPOINT_URL": "http://here", "AWS_REGION": "r"}
    found = programs.environment(server, "/folder")
    assert found["HOME"] == "/folder"
    assert {found["S3_ENDPOINT_URL"], found["RCLONE_CONFIG_BENCH_ENDPOINT"]} == {
        "http://here"
    }


def test_of_the_rows_of_a_program_the_fastest_counts() -> None:
    name = "copy 3,000 x 4 KiB up"

    def result(peer: str, wall: float) -> Result:
        run = Run(wall, 0.1, 1, 1, Traffic({}, 0, 0, 0))
        return Result(PLAN[name], "s3like", peer, [run])

    results = [result("s3open", 2), result("rclone", 3), result("rclone tuned", 1)]
    found = {each.target: each for each in judged(targets(), results)}
    verdict = found[f"{name}, s3like: times faster (rclone) >= 1"]
    assert verdict.figure == 0.5
    assert verdict.met is False


def test_deletions_are_counted_and_not_the_listings() -> None:
    name = "rm -r of 10,000"
    traffic = Traffic({"DeleteObjects": 10, "ListObjectsV2": 11}, 0, 0, 0)
    run = Run(1, 0.1, 1, 1, traffic)
    results = [Result(PLAN[name], "raw", "s3open", [run])]
    found = {each.target: each for each in judged(targets(), results)}
    assert found[f"{name}, raw: delete requests <= 10"].met is True
