"""No credential survives redaction, registered or merely shaped like one."""

import logging

import pytest

from synth_sdk.core.errors import ModelError, NoRoute, Outcome
from synth_sdk.core.redact import MASK, RedactingFilter, hide_password, redact, redact_url, register_secrets, shown_place


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer MARKERsecret123",
        "{'Authorization': 'Bearer MARKERsecret123'}",
        "x-goog-api-key: MARKERsecret123",
        '"api_key": "MARKERsecret123"',
        "https://host/v1?key=MARKERsecret123&alt=json",
        "https://s3/x?X-Amz-Signature=MARKERsecret123",
        "AWS4-HMAC-SHA256 Credential=MARKERsecret123/20261121/us, Signature=MARKERsecret123",
        "sk-MARKERsecret123-abc",
        "cannot connect to redis://user:MARKERsecret123@host:6379/0",
        "cannot connect to nats://MARKERsecret123@host",
        "no such folder: postgresql:/user:MARKERsecret123@host/db",
        "mysql+pymysql:user:MARKERsecret123@host/db",
        "AIzaMARKERsecret123456789012345",
    ],
)
def test_credentials_are_known_by_their_shape(text):
    assert "MARKERsecret123" not in redact(text)


def test_registered_values_are_removed_wherever_they_stand():
    register_secrets(["plain-looking-value-77", None, ""])
    assert redact("before plain-looking-value-77 after") == f"before {MASK} after"


def test_a_place_is_shown_with_its_whole_name():
    assert shown_place("s3://bucket/a#b.jsonl?region=x") == "s3://bucket/a#b.jsonl?region=x"
    assert redact_url("wss://host/path#token") == "wss://host/path"


def test_a_password_is_known_before_there_is_a_url():
    hide_password("me:hunter22-of-no-url@host/db")
    assert redact("of me:hunter22-of-no-url@host/db") == f"of me:{MASK}@host/db"


def test_ordinary_text_is_left_alone():
    text = "the key question: what is the signature dish? order A1234, 3 tokens, http://host/@name, mailto:a@b.c"
    assert redact(text) == text


def test_errors_redact_their_messages_and_reasons():
    register_secrets(["marker-in-errors-1"])
    error = ModelError("refused marker-in-errors-1", outcome=Outcome.REFUSED)
    group = NoRoute({"arm": "said marker-in-errors-1"})
    assert "marker-in-errors-1" not in str(error) + repr(error) + str(group) + repr(group.reasons)


def test_the_logging_filter_cleans_message_arguments_and_traceback(caplog):
    register_secrets(["marker-in-logs-1"])
    logger = logging.getLogger("tests.redact")
    logger.addFilter(RedactingFilter())
    with caplog.at_level(logging.INFO, logger="tests.redact"):
        try:
            raise ValueError("marker-in-logs-1")
        except ValueError:
            logger.exception("failed with %s", "marker-in-logs-1")
    assert "marker-in-logs-1" not in caplog.text
    assert MASK in caplog.text
