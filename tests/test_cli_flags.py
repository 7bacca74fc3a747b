"""What every flag makes of a command, seen at the store; and which are left to others.

`test_every_flag_is_shown` keeps a flag from being forgotten.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from s3open.cli import main
from s3open.cli.flags import BY_SPELLING, FLAGS
from s3open.testing import S3Server
from tests.cli_flags import BUCKET, HERE, SHOWN, Said, shows
from tests.test_recover_command import lose
from tests.test_testing_support import client_of
from tests.unit import certificates
from tests.unit.answering import Answering, ok

if TYPE_CHECKING:
    from pathlib import Path

# By flags, the module that shows them.
ELSEWHERE = {
    "preserve_acl": "tests/test_contract_many.py",
    "dask": "tests/consumers/test_dask.py",
    "progress": "tests/test_cli_terminal.py",
    "no_progress": "tests/test_cli_terminal.py",
}


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "state"))
    for key, body in (("a.txt", b"1\n2\n3\n"), ("d/b.bin", b"bb"), ("d/e/c", b"")):
        s3open_server.put(BUCKET, key, body)
    (tmp_path / "local.txt").write_bytes(b"content")
    return s3open_server


@pytest.fixture
def said(server: S3Server, capfdbinary: pytest.CaptureFixture[bytes]) -> Said:
    return Said(capfdbinary)


@shows("recursive", "shallow", "uri", "null", "json", "summarize", "long")
@shows("human_readable")
def test_what_is_listed_and_how(server: S3Server, said: Said) -> None:
    level = [f"{HERE}/a.txt", f"{HERE}/d/"]
    assert said("ls B/") == said("ls --shallow B/") == said("ls -B B/") == level
    files = [f"{HERE}/a.txt", f"{HERE}/d/b.bin", f"{HERE}/d/e/c"]
    for spelling in ("-r", "-R", "--recursive", "--recursive-parallel"):
        assert said(f"ls {spelling} B/") == files
    assert said("ls -r -0 B/")[0].split("\0") == [*files, ""]
    assert [json.loads(line)["uri"] for line in said("ls -r --json B/")] == files
    assert said("ls -r --summarize B/")[-2:] == [
        "Total Objects: 3",
        "   Total Size: 8",
    ]
    server.synthetic(BUCKET, "big", 3 << 20)
    assert said("ls -l B/big")[0].split()[2:] == ["3145728", f"{HERE}/big"]
    assert said("ls -lH B/big")[0].split()[2:] == ["3.0", "MiB", f"{HERE}/big"]
    assert said("du -H B/big")[0].split()[:2] == ["3.0", "MiB"]


@shows("name", "larger", "smaller", "newer_than", "older_than", "depth")
def test_what_is_found(server: S3Server, said: Said) -> None:
    server.head(BUCKET, "a.txt").modified -= 7200
    assert said("find B/ --name *.bin") == [f"{HERE}/d/b.bin"]
    assert said("find B/ --larger 2") == [f"{HERE}/a.txt"]
    assert said("find B/ --smaller 2") == [f"{HERE}/d/e/c"]
    assert said("find B/ --older-than 1h") == [f"{HERE}/a.txt"]
    assert said("find B/ --newer-than 1h") == [f"{HERE}/d/b.bin", f"{HERE}/d/e/c"]
    assert [line.split()[-1] for line in said("du --depth 1 B/")] == [
        f"{HERE}/d/",
        f"{HERE}/",
    ]
    assert said("tree --depth 1 B/") == [f"{HERE}/", "├── a.txt", "└── d/"]


@shows("version_id", "versions", "mfa")
def test_which_version_is_meant(server: S3Server, said: Said, tmp_path: Path) -> None:
    server.create_bucket("versions", versioned=True)
    for body in (b"1\n", b"22\n"):
        server.put("versions", "key", body)
    key = "s3://versions/key"
    old = json.loads(said(f"versions --json {key}")[1])["version_id"]
    assert len(said("ls --versions s3://versions")) == 2
    assert said("du --versions s3://versions")[0].split()[:2] == ["5", "2"]
    for command in ("cat", "head", "tail"):
        assert said(f"{command} --version-id {old} {key}") == ["1"]
    assert "size: 2" in said(f"stat {key} --version-id {old}")
    digests = {said(f"{word} {key} --version-id {old}")[0] for word in ("md5", "etag")}
    assert digests == {"b026324c6904b2a9cb4b88d6d61c81d1"}
    assert said(f"checksum --version-id {old} {key}") != said(f"checksum {key}")
    said(f"cp --version-id {old} {key} old")
    assert (tmp_path / "old").read_bytes() == b"1\n"
    said(f"exists {key} --version-id {old}")
    assert main(["rm", key, "--version-id", old, "--mfa", "serial 123456"]) == 0
    assert server.requests[-1].headers["x-amz-mfa"] == "serial 123456"
    said(f"exists {key} --version-id {old}", 1)
    assert server.read("versions", "key") == b"22\n"


@shows("lines", "bytes", "range", "algorithm", "compute")
def test_which_bytes_are_meant(server: S3Server, said: Said) -> None:
    assert said("head --lines 2 B/a.txt") == said("head -2 B/a.txt") == ["1", "2"]
    assert said("tail -c 4 B/a.txt") == said("cat --range 2- B/a.txt") == ["2", "3"]
    assert said("checksum --algorithm crc32 --compute B/a.txt")[0].startswith("CRC32 ")
    server.synthetic(BUCKET, "unknown", 3)
    said("checksum B/unknown", 1)
    said("checksum --compute B/unknown")
    client = client_of(server)
    upload = client.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    at = {"Bucket": BUCKET, "Key": "parts", "UploadId": upload}
    etag = client.upload_part(**at, PartNumber=1, Body=b"1\n")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    client.complete_multipart_upload(**at, MultipartUpload=parts)
    said("md5 B/parts", 1)
    assert "parts" in said.err
    assert said("md5 --compute B/parts") == ["b026324c6904b2a9cb4b88d6d61c81d1"]


@shows("force", "skip", "exclusive", "update", "append", "verbose", "quiet", "yes")
@shows("dryrun")
def test_what_becomes_of_what_is_there(server: S3Server, said: Said) -> None:
    for flag in ("-s", "-n"):
        said(f"cp {flag} local.txt B/d/b.bin")
        assert server.read(BUCKET, "d/b.bin") == b"bb"
    assert said("cp -s -v local.txt B/a.txt") == [f"skip: local.txt to {HERE}/a.txt"]
    said("cp -x local.txt B/a.txt", 1)
    os.utime("local.txt", (1e9, 1e9))
    assert said("cp -u local.txt B/a.txt") == []
    os.utime("local.txt", (3e9, 3e9))
    assert said("cp -u -q local.txt B/a.txt") == []
    assert server.read(BUCKET, "a.txt") == b"content"
    assert said("cp -n local.txt B/new") == [
        f"(dryrun) upload: local.txt to {HERE}/new"
    ]
    assert "new" not in server.keys(BUCKET)
    said("cp -f local.txt B/d/b.bin")
    assert server.read(BUCKET, "d/b.bin") == b"content"
    appended = [sys.executable, "-m", "s3open", "put", "-a", f"{HERE}/d/b.bin"]
    subprocess.run(appended, input=b" more", check=True)
    assert server.read(BUCKET, "d/b.bin") == b"content more"
    said("rm B/none", 1)
    said("rm -f B/none")
    said("rm -r -y B/d")
    assert server.keys(BUCKET) == ["a.txt"]


@shows("filters", "raw", "delete", "protect", "compare", "size_only")
@shows("exact_timestamps", "jobs")
def test_what_takes_part(server: S3Server, said: Said, tmp_path: Path) -> None:
    said("cp -r -j 2 B/ tree --exclude * --include d/*")
    assert not (tmp_path / "tree" / "a.txt").exists()
    (tmp_path / "tree" / "d" / "b.bin").write_bytes(b"BB")
    for flags in ("--size-only", "--compare size"):
        assert said(f"sync B/d tree/d {flags}") == []
    os.utime("tree/d/b.bin", (3e9, 3e9))
    told = f"download: {HERE}/d/b.bin to tree/d/b.bin"
    assert said("sync -n B/d tree/d --compare checksum") == [f"(dryrun) {told}"]
    assert said("sync B/d tree/d --exact-timestamps") == [told]
    for name in ("more", "kept/more"):
        (tmp_path / "tree" / "d" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tree" / "d" / name).touch()
    assert said("sync B/d tree/d") == []
    assert said("sync B/d tree/d --delete -D kept") == ["delete: tree/d/more"]
    server.put(BUCKET, "a*", b"star")
    said("rm --raw B/a*")
    assert server.keys(BUCKET) == ["a.txt", "d/b.bin", "d/e/c"]


@shows("follow_symlinks", "no_follow_symlinks")
def test_what_links_are(server: S3Server, said: Said, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "link").symlink_to(tmp_path / "local.txt")
    assert said("cp -r --no-follow-symlinks t B/t") == []
    assert said("sync --no-follow-symlinks t B/t") == []
    said("cp -r --follow-symlinks t B/t")
    assert server.read(BUCKET, "t/link") == b"content"


@shows("content_type", "no_guess_mime_type", "guess_content_type", "content_encoding")
@shows("content_disposition", "content_language", "cache_control", "expires")
@shows("metadata", "tags", "storage_class", "website_redirect", "gzip")
@shows("metadata_directive")
def test_what_an_object_is_given(server: S3Server, said: Said) -> None:
    given = {
        "content-disposition": "inline",
        "content-language": "de",
        "cache-control": "no-store",
        "content-encoding": "br",
        "website-redirect": "/other",
    }
    flags = " ".join(f"--{name} {value}" for name, value in given.items())
    said(
        f"cp local.txt B/new {flags} --content-type x/y --metadata a=1,b=2 --tags t=1 "
        "--storage-class STANDARD_IA --expires 2030-01-31"
    )
    found = server.head(BUCKET, "new")
    kept: Any = found.about.headers
    assert found.content_type == "x/y"
    assert found.metadata["b"] == "2"
    assert (found.tags, found.storage_class) == ({"t": "1"}, "STANDARD_IA")
    assert kept["expires"] == "Thu, 31 Jan 2030 00:00:00 GMT"
    assert kept["x-amz-website-redirect-location"] == given.pop("website-redirect")
    assert {name: kept[name] for name in given} == given
    said("cp B/new B/copy --metadata-directive COPY")
    assert server.head(BUCKET, "copy").metadata == found.metadata
    said("cp B/new B/copy --metadata-directive REPLACE --metadata c=3")
    assert server.head(BUCKET, "copy").metadata == {"c": "3"}
    said("cp -g local.txt B/g.txt")
    assert server.head(BUCKET, "g.txt").content_type == "text/plain"
    said("cp --no-guess-mime-type local.txt B/g.txt")
    assert server.head(BUCKET, "g.txt").content_type == "binary/octet-stream"
    said("cp -z local.txt B/packed")
    assert server.head(BUCKET, "packed").about.headers["content-encoding"] == "gzip"
    assert server.read(BUCKET, "packed") != b"content"


@shows("acl", "sse", "sse_kms_key_id", "sse_customer_key_file", "request_payer")
def test_what_a_request_says(server: S3Server, said: Said, tmp_path: Path) -> None:
    """Of what the server here does not do by itself, but S3 does."""

    def headers() -> dict[str, str]:
        [last] = server.requests[-1:]
        return {k: v for k, v in last.headers.items() if k.startswith("x-amz-")}

    assert main(["touch", f"{HERE}/1", "--acl", "public-read", "--sse"]) == 0
    assert headers()["x-amz-acl"] == "public-read"
    assert headers()["x-amz-server-side-encryption"] == "AES256"
    said("touch B/2 --sse aws:kms --sse-kms-key-id key")
    assert headers()["x-amz-server-side-encryption-aws-kms-key-id"] == "key"
    said("cat B/a.txt --request-payer")
    assert headers()["x-amz-request-payer"] == "requester"
    (tmp_path / "secret").write_bytes(b"k" * 32)
    main(["touch", f"{HERE}/3", "--sse-customer-key-file", "secret"])
    asked = [each for each in server.requests if each.key == "3"]
    assert asked[0].headers["x-amz-server-side-encryption-customer-algorithm"]


@shows("endpoint_url", "region", "profile", "no_sign_request", "debug")
def test_how_the_store_is_reached(
    server: S3Server, said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = server.endpoint_url
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    assert said(f"cat B/a.txt --endpoint-url {url}") == ["1", "2", "3"]
    said(f"cat B/a.txt --endpoint-url {url} --no-sign-request", 1)
    server.bucket_anonymous(BUCKET, allowed=True)
    said(f"cat B/a.txt --endpoint-url {url} --anonymous")
    assert "authorization" not in server.requests[-1].headers
    said(f"cat B/a.txt --endpoint-url {url} --region eu-north-1")
    assert "/eu-north-1/" in server.requests[-2].headers["authorization"]
    server.add_credentials("other", "other-secret")
    (tmp_path / "aws").write_text(
        "[mine]\naws_access_key_id = other\naws_secret_access_key = other-secret\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.fspath(tmp_path / "aws"))
    said(f"cat B/a.txt --endpoint-url {url} --profile mine")
    assert "Credential=other/" in server.requests[-1].headers["authorization"]
    command = [sys.executable, "-m", "s3open", "cat", f"{HERE}/none", "--debug"]
    for transport in ("wire", "boto3"):
        monkeypatch.setenv("S3OPEN_TRANSPORT", transport)
        done = subprocess.run(
            [*command, "--endpoint-url", url], capture_output=True, check=False
        )
        assert done.returncode == 1
        assert f"GetObject '{HERE}/none' ".encode() in done.stderr
        assert b"ignature" not in done.stderr
        assert server.secret_key.encode() not in done.stderr


@shows("ca_bundle", "no_verify_ssl")
def test_who_is_believed(server: S3Server, tmp_path: Path) -> None:
    certificate = certificates.make(tmp_path / "store.pem")
    head = [ok(b"", "ETag: e")] * 2
    command = [sys.executable, "-m", "s3open", "exists", f"{HERE}/k"]
    # A host that was never reached is tried four times.
    script = [[], [], [], [], head, head]
    with Answering(script, tls=certificates.secure(certificate)) as other:
        url = f"https://127.0.0.1:{other.port}"
        codes = [
            subprocess.run(
                [*command, *flags, "--endpoint-url", url],
                capture_output=True,
                check=False,
                timeout=60,
            ).returncode
            for flags in ([], ["--ca-bundle", str(certificate)], ["--no-verify-ssl"])
        ]
    assert codes == [1, 0, 0]
    assert len(other.asked) == 2


@shows("prefix", "all", "to", "bucket")
def test_upkeep(server: S3Server, said: Said) -> None:
    client = client_of(server)
    for key in ("a/1", "b/1"):
        client.create_multipart_upload(Bucket=BUCKET, Key=key)
    assert len(said(f"uploads list {BUCKET} --prefix a")) == 1
    kept = lose(server, "kept")
    assert said(f"recover publish {kept} --to B/other") == [f"published {HERE}/other"]
    lose(server, "kept")
    assert said("recover publish --all") == [f"published {HERE}/kept"]
    keys = server.keys(BUCKET)
    said(f"verify {server.endpoint_url} --bucket {BUCKET}")
    assert server.keys(BUCKET) == keys


def test_every_flag_is_shown() -> None:
    for name in ("buckets", "access", "urls", "objects", "sandbox", "cache"):
        # Each says so of its own when it is imported.
        import_module(f"tests.test_cli_{name}")
    assert SHOWN | ELSEWHERE.keys() == FLAGS.keys()
    assert not SHOWN & ELSEWHERE.keys()


AWS = """--recursive --exclude --include --dryrun --delete --acl --sse --storage-class
--content-type --metadata --profile --region --endpoint-url --no-sign-request
--request-payer --quiet --human-readable --summarize --no-progress --only-show-errors
--size-only --exact-timestamps --metadata-directive --no-follow-symlinks --no-verify-ssl
--ca-bundle --debug"""


def test_flags_of_aws_cli_and_short_ones_are_taken() -> None:
    assert set(AWS.split()) <= BY_SPELLING.keys()
    assert {f"-{letter}" for letter in "rfnqvlsjP"} <= BY_SPELLING.keys()
