"""The subcommands for buckets, and the flags that only these have."""

from __future__ import annotations

from s3open.cli.kinds import STORE, Argument, Command, Flag

# The names of `Bucket`'s methods; ACLs and logging have commands of their own.
SETTINGS = (
    *("policy", "cors", "lifecycle", "tags", "website", "encryption", "ownership"),
    *("public-access-block", "object-lock"),
)

_NAME = Argument("BUCKET", "a name, or s3://name")
_NAMES = _NAME._replace(number="+")
_SETTING = Argument("SETTING", "one of " + ", ".join(SETTINGS), choices=SETTINGS)

BUCKETS: tuple[Command, ...] = (
    Command(
        "mb",
        "make buckets",
        "buckets:make",
        (_NAMES,),
        (
            *("location", "versioned", "object_lock", "ownership", "acl", "tags"),
            *("skip", "quiet", "json", *STORE),
        ),
        (
            ("mb my-bucket", "in the region of the profile"),
            ("mb my-bucket --location eu-west-1 --versioned", "there, with versions"),
        ),
    ),
    Command(
        "rb",
        "remove buckets, empty ones unless told otherwise",
        "buckets:remove",
        (_NAMES,),
        ("recursive", "force", "yes", "quiet", "json", *STORE),
        (
            ("rb my-bucket", "if there is nothing in it"),
            ("rb -r my-bucket", "with all versions and uploads in it; this asks"),
            ("rb -f my-bucket", "likewise, without a question; none is fine, too"),
        ),
    ),
    Command(
        "buckets",
        "list your buckets",
        "buckets:names",
        (),
        ("prefix", "long", "json", "null", *STORE),
        (
            ("buckets", "by name"),
            ("buckets -l --prefix logs-", "since when, and in which region"),
        ),
    ),
    Command(
        "bucket",
        "say, or change, how buckets are configured",
        description="Settings are those of S3, in JSON. null is what is not "
        "configured.",
        examples=(
            ("bucket info my-bucket", "all of them"),
            ("bucket get my-bucket policy", "one of them"),
            ("bucket set my-bucket policy policy.json", "from a file; - is stdin"),
            ("bucket set my-bucket tags team=blue,stage=test", "in short"),
            ("bucket delete my-bucket website", "have it no more"),
        ),
        actions=(
            Command(
                "info",
                "print all settings",
                "buckets:information",
                (_NAMES,),
                ("json", *STORE),
            ),
            Command(
                "get",
                "print a setting, in JSON",
                "buckets:setting",
                (_NAME, _SETTING),
                ("json", *STORE),
            ),
            Command(
                "set",
                "have a setting be what a file, or JSON, says",
                "buckets:configure",
                (
                    _NAME,
                    _SETTING,
                    Argument("VALUE", "a file; - is stdin; JSON; or the value itself"),
                ),
                STORE,
                description="The value itself may be written for tags (a=1,b=2), "
                "encryption (AES256), ownership (ObjectWriter), and "
                "public-access-block (on, off).",
            ),
            Command(
                "delete",
                "remove a setting",
                "buckets:unconfigure",
                (_NAME, _SETTING),
                STORE,
            ),
        ),
    ),
    Command(
        "versioning",
        "say, or change, whether a bucket keeps versions",
        "buckets:versioning",
        (_NAME, Argument("STATE", "on or off", "?", ("on", "off"))),
        ("mfa_delete", "mfa", "json", *STORE),
        (
            ("versioning my-bucket", "on, off, or never"),
            ("versioning my-bucket on", "keep them from now on"),
        ),
    ),
)

FLAGS: dict[str, Flag] = {
    "location": Flag(
        ("--location", "--bucket-location"),
        "where it is made, if not in the region to sign for",
        "REGION",
    ),
    "versioned": Flag(("--versioned",), "it keeps versions"),
    "object_lock": Flag(("--object-lock",), "objects can be locked; for good"),
    "ownership": Flag(
        ("--ownership",),
        "whom objects belong to",
        "WHO",
        choices=("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
    ),
    "mfa_delete": Flag(
        ("--mfa-delete",),
        "whether a device's code is needed to delete versions",
        "STATE",
        choices=("on", "off"),
    ),
}
