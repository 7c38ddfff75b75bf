"""What comes over the wire is read strictly, or refused."""

from __future__ import annotations

from uuid import UUID

import pytest

from annotation.page.wire import BadBody, as_uuid


@pytest.mark.parametrize("value", ["", "7", "00000000-0000-0000-0000-00000000000g", None, 7])
def test_what_is_no_identifier_is_refused(value: object) -> None:
    with pytest.raises(BadBody):
        as_uuid(value, "token")
    assert as_uuid("0192b3c4-0000-7000-8000-000000000000", "token") == UUID(
        "0192b3c4-0000-7000-8000-000000000000"
    )
