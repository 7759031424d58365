"""Signatures, checked by the standard's own library and by hand."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.webhooks.signing import new_secret, signed_headers

BODY = '{"type":"contracts.updated","data":{"title":"Ümlaut"}}'.encode()


def test_a_secret_is_32_random_bytes_in_base64_with_the_prefix_of_the_standard() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_the_signature_is_that_which_is_worked_out_by_hand() -> None:
    key = b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    secret = "whsec_" + base64.b64encode(key).decode()
    at = datetime.fromtimestamp(1_614_265_330, UTC) + timedelta(microseconds=999_999)
    headers = signed_headers("msg_1", at, BODY, [secret])
    by_hand = hmac.new(key, b"msg_1.1614265330." + BODY, hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1," + base64.b64encode(by_hand).decode(),
    }


def test_the_library_of_the_standard_takes_a_signature_of_any_of_two_secrets() -> None:
    new, former, strange = new_secret(), new_secret(), new_secret()
    headers = signed_headers("msg_1", datetime.now(UTC), BODY, [new, former])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (new, former):
        assert Webhook(secret).verify(BODY, headers)["type"] == "contracts.updated"
    with pytest.raises(WebhookVerificationError):
        Webhook(strange).verify(BODY, headers)


@pytest.mark.parametrize("changed", [{"webhook-id": "msg_2"}, {"webhook-timestamp": "now"}])
def test_neither_id_nor_time_can_be_changed(changed: dict[str, str]) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed_headers("msg_1", now, BODY, [secret])
    other = {name: str(int(now.timestamp()) - 1) if value == "now" else value for name, value in changed.items()}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, headers | other)
