"""Sessions of AWS: where their credentials come from, and that they are quoted nowhere."""

import pytest

from synth_sdk.core import aws
from synth_sdk.core.redact import redact

KEY, SECRET, TOKEN = "ASIANEVERISSUED01234", "never/issued/secret/0123456789", "never-issued-token-0123456789"
GIVEN = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN, "AWS_REGION": "eu-west-1"}


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def test_what_is_given_wins_over_what_is_around(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "around")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "around-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    given, around = aws.session(GIVEN), aws.session()
    assert given.get_credentials().get_frozen_credentials()[:3] == (KEY, SECRET, TOKEN)
    assert around.get_credentials().access_key == "around"
    assert [one.region_name for one in (given, around, aws.session(GIVEN, "eu-north-1"))] == [
        "eu-west-1",
        "us-east-1",
        "eu-north-1",
    ]


def test_credentials_of_a_file_are_quoted_nowhere_either(tmp_path):
    secret = "of-a-file/0123456789"
    (tmp_path / "credentials").write_text(f"[mine]\naws_access_key_id = minio\naws_secret_access_key = {secret}\n")
    found = aws.session({"AWS_PROFILE": "mine"}).get_credentials()
    assert (found.access_key, found.secret_key) == ("minio", secret)
    assert redact(f"minio says {secret} is wrong") == "minio says [redacted] is wrong"


def test_a_session_without_credentials_is_one_too():
    assert aws.session({}, "eu-west-1").get_credentials() is None


def test_a_client_gives_up_in_time():
    config = aws.patience(1, 2, 3, max_pool_connections=4)
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (1, 2, 4)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}
