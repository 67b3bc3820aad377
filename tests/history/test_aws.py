"""DynamoDB and CloudWatch, at moto's server on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.history import dynamodb
from synth_sdk.history.bounds import LARGEST_DOCUMENT, LARGEST_REPORT, LARGEST_REQUEST, bounded, scrubbed
from synth_sdk.history.cloudwatch import data_points, publish
from synth_sdk.history.store import HistoryError, open_history
from tests.history.support import NOON, entry, report
from tests.support import aws
from tests.support.servers import free_port

PLACE = f"dynamodb://synth-runs?region={aws.REGION}"
ADDING = """
import os, sys
from synth_sdk.history.store import open_history
from tests.history.support import entry

with open_history(sys.argv[1], os.environ) as history:
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + 5):
        history.add(entry(number))
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with aws.aws_server(tmp_path_factory.mktemp("aws")) as found:
        yield found


@pytest.fixture
def env(url):
    aws.clear(url)
    return aws.environment(url)


@pytest.fixture
def history(env):
    with open_history(PLACE, env) as found:
        yield found


def test_what_is_added_is_found_as_it_was(history):
    runs = [entry(number, kind="text" if number % 2 else "json", document={"a": [1.5, None, "\ud800"]}) for number in (3, 1, 2)]
    for one in runs:
        history.add(one)
    assert history.entries() == sorted(runs, key=lambda one: one.started_at, reverse=True)
    assert [one.id[:8] for one in history.entries(kind="text", limit=1)] == ["00000003"]
    assert [one.id[:8] for one in history.entries(kind="json", status="success")] == ["00000002"]
    assert history.entries(since=NOON + timedelta(minutes=3)) == runs[:1]
    assert (history.get("last").id, history.get("00000001").id) == ("00000003-run", "00000001-run")
    with pytest.raises(RequestError, match=r"begin so; give more characters"):
        history.get("0000000")
    with pytest.raises(UnknownName, match="unknown run 'zzz'"):
        history.get("zzz")


def test_the_table_is_made_with_the_first_run(history, env):
    assert (history.entries(), history.forget(["x"]), history.prune(0)) == ([], 0, 0)
    with pytest.raises(UnknownName):
        history.get("last")
    client = history._table.meta.client
    assert client.list_tables()["TableNames"] == []
    history.add(entry())
    table = client.describe_table(TableName="synth-runs")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["newest"]


def test_the_largest_runs_fit(history):
    """DynamoDB takes 400 KB an item. Noise can't be compressed."""
    noise = {f"{number}": os.urandom(900).hex() for number in range(400)}
    most = entry(
        1,
        request=bounded(noise, LARGEST_REQUEST),
        report=bounded({"errors": [*noise.values()]}, LARGEST_REPORT),
        document=scrubbed([os.urandom(LARGEST_DOCUMENT // 2 - 100).hex()]),
    )
    assert most.document is not None
    history.add(most)
    assert history.get("00000001") == most


def test_more_than_a_page_holds(history):
    """A page of DynamoDB is 1 MB."""
    for number in range(30):
        history.add(entry(number, document=[os.urandom(30_000).hex()]))
    assert [int(one.id[:8], 16) for one in history.walk()] == list(range(29, -1, -1))
    assert history.prune(3) == 27
    assert [int(one.id[:8], 16) for one in history.walk()] == [29, 28, 27]
    assert history.forget(["0000001c-run", "none"]) == 1


def test_two_processes_at_once_make_one_table(env):
    children = [
        subprocess.Popen(
            [sys.executable, "-c", ADDING, PLACE, str(first)], env={**os.environ, **env}, stderr=subprocess.PIPE, text=True
        )
        for first in (0, 5)
    ]
    assert [(child.communicate(timeout=60)[1], child.returncode) for child in children] == [("", 0), ("", 0)]
    assert len(open_history(PLACE, env).entries()) == 10


# Runs that are going on


# Begins a run, waits until it is put there, and kills itself.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from synth_sdk.history import dynamodb
from synth_sdk.history.entries import Entry
from synth_sdk.history.store import open_history

dynamodb._SECONDS_TO_BEGIN = 0
history = open_history(sys.argv[1], os.environ, Path(sys.argv[2]))
history.begin(Entry.of_dict(json.loads(sys.argv[3])))
if sys.argv[4] == "put":
    history._beginning.join()
os.kill(os.getpid(), signal.SIGKILL)
"""


def begun(number=1, **more):
    given = {"records": 0, "status": "running", "exit_code": None, "report": {}, "started_at": datetime.now(UTC)}
    return entry(number, **given | more)


def killed(env, home, one, when="put"):
    words = [sys.executable, "-c", KILLED, PLACE, str(home), json.dumps(one.to_dict()), when]
    assert subprocess.run(words, env={**os.environ, **env}, timeout=60, check=False).returncode == -signal.SIGKILL


def shown(history, **asked):
    return [(int(one.id[:8], 16), one.status) for one in history.entries(**asked)]


def test_a_run_is_seen_by_all_machines_after_a_second_and_completed_in_place(env, tmp_path, monkeypatch):
    monkeypatch.setattr(dynamodb, "_SECONDS_TO_BEGIN", 0.2)
    with open_history(PLACE, env, tmp_path / "here") as here, open_history(PLACE, env, tmp_path / "there") as there:
        here.begin(begun(1))
        assert shown(there) == []
        here._beginning.join()
        assert shown(here) == shown(there, status="running") == [(1, "running")]
        assert (shown(here, status="killed"), shown(here, status="success")) == ([], [])
        assert there.get("00000001").exit_code is None
        with pytest.raises(UnknownName):
            there.get("last")
        here.add(begun(1, status="success", exit_code=0, records=100))
        assert shown(here) == shown(there, status="success") == [(1, "success")]
        assert list((tmp_path / "here").iterdir()) == []


def test_a_short_run_is_put_there_once(env, tmp_path):
    with open_history(PLACE, env, tmp_path) as history:
        history.begin(begun(1))
        waiting = history._beginning
        history.add(entry(1))
        assert not waiting.is_alive()
        assert waiting.finished.is_set()
        assert shown(history) == [(1, "success")]


def test_a_beginning_that_comes_late_changes_nothing(env, tmp_path):
    with open_history(PLACE, env, tmp_path) as history:
        history.add(entry(1))
        history._announce(begun(1))
        assert shown(history) == [(1, "success")]


def test_a_run_that_was_killed(env, tmp_path):
    one = begun(1)
    killed(env, tmp_path / "here", one)
    with open_history(PLACE, env, tmp_path / "here") as here, open_history(PLACE, env, tmp_path / "there") as there:
        assert shown(here) == shown(here, status="killed") == [(1, "killed")]
        assert (shown(there), shown(here, status="running")) == ([(1, "running")], [])
        assert (here.get("00000001").failure, here.get("00000001").exit_code) == ("killed", 137)
        killed(env, tmp_path / "here", begun(2), when="before that")  # it wasn't put there
        here.add(entry(3))
        assert sorted(shown(there)) == sorted(shown(here)) == [(1, "killed"), (2, "killed"), (3, "success")]
        assert list((tmp_path / "here").iterdir()) == []
        killed(env, tmp_path / "here", begun(4))
        assert (here.forget(["00000004-run"]), here.forget(["00000004-run"])) == (1, 0)
        assert sorted(shown(here)) == [(1, "killed"), (2, "killed"), (3, "success")]


def test_of_a_run_of_another_machine_only_age_tells(env, tmp_path):
    killed(env, tmp_path / "there", begun(1, started_at=datetime.now(UTC) - timedelta(hours=23)))
    with open_history(PLACE, env) as here:
        here._put(begun(2, started_at=datetime.now(UTC) - timedelta(hours=25)))
        assert shown(here) == [(1, "running"), (2, "killed")]
        assert publish("Synth/Killed", here.walk(), env) == (1, 0)  # what goes on isn't sent


def test_a_beginning_that_fails_is_silent(env, tmp_path, monkeypatch):
    monkeypatch.setattr(dynamodb, "_SECONDS_TO_BEGIN", 0)
    unreachable = {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    with open_history(PLACE, unreachable, tmp_path) as history:
        history.begin(begun(1))
        with pytest.raises(HistoryError, match="can't be written: Could not connect"):
            history.add(entry(1))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with (
        pytest.raises(HistoryError, match=r"can't be written: .*: Not a directory"),
        open_history(PLACE, env, tmp_path / "file") as history,
    ):
        history.begin(begun(1))


def test_an_item_of_somebody_else_is_passed_over(history):
    history.add(entry(1))
    history._table.put_item(Item={"book": "runs", "id": "other", "started_at": "2030-01-01T00:00:00+00:00", "report": "{"})
    assert [one.id for one in history.entries()] == ["00000001-run"]


@pytest.fixture
def guarded(url, env):
    """The server checks credentials and permissions, as AWS does."""
    httpx.post(f"{url}/moto-api/reset-auth", content="0").raise_for_status()
    yield env
    httpx.post(f"{url}/moto-api/reset-auth", content="1000000").raise_for_status()


def user_without_permissions(env):
    import boto3

    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing-secret", "region_name": aws.REGION}
    iam = boto3.client("iam", endpoint_url=env["AWS_ENDPOINT_URL"], **keys)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    iam.close()
    return {**env, "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_credentials_that_arent_accepted(guarded):
    with pytest.raises(
        HistoryError, match=r"table 'synth-runs' of DynamoDB can't be written: the credentials aren't accepted"
    ) as error:
        open_history(PLACE, guarded).add(entry())
    assert "testing" not in error.value.message


def test_a_missing_permission(url, env):
    nobody = user_without_permissions(env)
    httpx.post(f"{url}/moto-api/reset-auth", content="0").raise_for_status()
    try:
        with pytest.raises(HistoryError, match=r"can't be read: the credentials lack a permission for it") as error:
            open_history(PLACE, nobody).entries()
        assert nobody["AWS_SECRET_ACCESS_KEY"] not in error.value.message
    finally:
        httpx.post(f"{url}/moto-api/reset-auth", content="1000000").raise_for_status()


def test_nobody_listens(env):
    began = time.monotonic()
    with pytest.raises(HistoryError, match=r"can't be written: Could not connect"):
        open_history(PLACE, {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}).add(entry())
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ("AWS_ACCESS_KEY_ID", "Unable to locate credentials|[Pp]artial credentials"),
        ("AWS_DEFAULT_REGION", "You must specify a region"),
    ],
)
def test_what_is_not_set(env, monkeypatch, tmp_path, lacks, told):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    some = {name: value for name, value in env.items() if name != lacks}
    with pytest.raises(HistoryError, match=told):
        open_history("dynamodb://synth-runs", some).add(entry())


def test_metrics_arrive(env, url):
    import boto3

    now = datetime.now(UTC)
    runs = [
        entry(1, started_at=now, report=report(100, "0.25", 0.5)),
        entry(2, started_at=now - timedelta(hours=1), status="failed", records=0, exit_code=2, failure="schema", report={}),
        entry(3, started_at=now - timedelta(days=20)),
        *(entry(number, started_at=now, kind="text") for number in range(10, 130)),  # more data points than a request takes
    ]
    assert publish("Synth/Test", runs, env) == (122, 1)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing-secret", "region_name": aws.REGION}
    client = boto3.client("cloudwatch", endpoint_url=url, **keys)

    def total(metric, kind, **more):
        dimensions = [{"Name": name, "Value": value} for name, value in {"Kind": kind, **more}.items()]
        window = {"StartTime": now - timedelta(days=1), "EndTime": now + timedelta(days=1), "Period": 86400 * 2}
        points = client.get_metric_statistics(
            Namespace="Synth/Test", MetricName=metric, Dimensions=dimensions, Statistics=["Sum"], **window
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    assert total("Runs", "user_profile", Status="success") == 1
    assert total("Runs", "text", Status="success") == 120
    assert total("Records", "user_profile") == 100
    assert total("SpentUSD", "user_profile") == 0.25
    assert total("ValidationFailures", "user_profile") == 1
    assert total("MillisecondsPer1000Records", "user_profile") == 1000
    client.close()


def test_a_run_without_records_has_no_pace():
    names = [point["MetricName"] for point in data_points(entry(records=0, report={}))]
    assert names == ["Runs", "Records", "ValidationFailures", "ComplianceViolations", "SpentUSD"]


@pytest.mark.parametrize("namespace", ["", "AWS/Synth", "a b", "x" * 300])
def test_namespaces_that_cloudwatch_refuses(namespace, env):
    with pytest.raises(RequestError, match="namespace"):
        publish(namespace, [entry()], env)


def test_cloudwatch_that_refuses(guarded):
    with pytest.raises(HistoryError, match="CloudWatch doesn't take the metrics of 'Synth': the credentials aren't accepted"):
        publish("Synth", [entry(started_at=datetime.now(UTC))], guarded)
