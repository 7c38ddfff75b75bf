"""Files in an S3 bucket. The only module that speaks S3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datasets_app.storage.base import LINK_SECONDS, Storage, StorageFault, folders_in, workplace_at

_MISSING = ("404", "NoSuchKey", "NotFound")
Result = TypeVar("Result")


class Bucket(Storage):
    """Files in an S3 bucket."""

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str,
        region: str,
        key: str,
        secret: str,
        incoming: Path,
        origin: str = "",
    ) -> None:
        self.bucket = bucket
        self.incoming = incoming
        words = {"region_name": region, "aws_access_key_id": key, "aws_secret_access_key": secret}
        self._client = _client(endpoint, words)
        # Browsers may reach the service under another name than this process does.
        self._signer = _client(origin, words) if origin else self._client

    def put(self, key: str, source: Path) -> None:
        self._ask("store", lambda: self._client.upload_file(str(source), self.bucket, key))

    def open(self, key: str) -> BinaryIO:
        answer = self._ask("read", lambda: self._client.get_object(Bucket=self.bucket, Key=key))
        return cast(BinaryIO, answer["Body"])

    def size(self, key: str) -> int | None:
        try:
            answer = self._ask(
                "look for", lambda: self._client.head_object(Bucket=self.bucket, Key=key)
            )
        except FileNotFoundError:
            return None
        return int(answer["ContentLength"])

    def delete(self, key: str) -> None:
        self._ask("delete", lambda: self._client.delete_object(Bucket=self.bucket, Key=key))

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        found = self._ask(
            "list", lambda: list(pages.paginate(Bucket=self.bucket, Prefix=f"{prefix}/"))
        )
        yield from sorted(entry["Key"] for page in found for entry in page.get("Contents", ()))

    def link(
        self,
        key: str,
        *,
        mime: str,
        download: str = "",
        seconds: int = LINK_SECONDS,
        is_fleeting: bool = False,
    ) -> str:
        show = f'attachment; filename="{_plain(download)}"' if download else "inline"
        parameters = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentType": mime,
            "ResponseContentDisposition": show,
        }
        if is_fleeting:
            parameters["ResponseCacheControl"] = "private, no-store"
        return cast(
            str,
            self._ask(
                "sign a link to",
                lambda: self._signer.generate_presigned_url(
                    "get_object", Params=parameters, ExpiresIn=seconds
                ),
            ),
        )

    def path(self, key: str) -> Path | None:
        return None

    def workplace(self, name: str) -> AbstractContextManager[Path]:
        return workplace_at(self.incoming / name)

    def workplaces(self) -> list[Path]:
        return folders_in(self.incoming)

    def _ask(self, what: str, ask: Callable[[], Result]) -> Result:
        try:
            return ask()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _MISSING:
                raise FileNotFoundError(f"not in the bucket {self.bucket}") from None
            # The service's own words stay out: they may quote keys and addresses.
            raise StorageFault(
                f"S3 refused to {what} a file in the bucket {self.bucket} ({code}); "
                "look at CASTOR_S3_* and the rights of its key"
            ) from None
        except (BotoCoreError, boto3.exceptions.Boto3Error) as error:
            raise StorageFault(
                f"could not {what} a file in the bucket {self.bucket} "
                f"({type(error).__name__}); look at CASTOR_S3_*"
            ) from None


def _client(endpoint: str, words: dict[str, str]) -> Any:  # Any: boto3 makes clients at run time
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        config=Config(
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            # Services other than Amazon's seldom have a host name for each bucket.
            s3={"addressing_style": "path"} if endpoint else {},
        ),
        region_name=words["region_name"],
        aws_access_key_id=words["aws_access_key_id"] or None,
        aws_secret_access_key=words["aws_secret_access_key"] or None,
    )


def _plain(name: str) -> str:
    """A file name that cannot break out of a header."""
    return re.sub(r"[^A-Za-z0-9._@+=-]", "_", name)
