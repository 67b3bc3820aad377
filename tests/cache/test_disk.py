"""Nothing in the folder is ever executed, and no file outside it is touched, whatever a row says."""

import os
import pickle
import sqlite3
import stat
import subprocess
import sys

import diskcache
import pytest

from synth_sdk.cache import Store
from synth_sdk.core.errors import OutputError

KEY = "k" * 64


class Bomb:
    """Makes the file `armed` when it is unpickled."""

    def __init__(self, armed):
        self.armed = str(armed)

    def __reduce__(self):
        return (open, (self.armed, "w"))


def craft(folder, **columns):
    """Change the only value row in `folder`."""
    with sqlite3.connect(folder / "cache.db") as db:
        names = ", ".join(f"{name} = ?" for name in columns)
        assert db.execute(f"UPDATE Cache SET {names} WHERE tag = 'value'", tuple(columns.values())).rowcount > 0
    db.close()


@pytest.fixture
def filled(tmp_path):
    """A folder with one value, and a way to open it anew."""
    with Store(tmp_path / "cache") as store:
        store.put(KEY, {"a": 1}, model="m", cost_micros=1)
    return tmp_path / "cache"


def read(folder):
    with Store(folder) as store:
        return store.get(KEY)


def test_the_bomb_of_these_tests_works(tmp_path):
    pickle.loads(pickle.dumps(Bomb(tmp_path / "armed"))).close()  # noqa: S301
    assert (tmp_path / "armed").exists()


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4, 5, None, "4"])
def test_a_row_in_another_mode_is_a_miss_and_never_executed(filled, tmp_path, mode):
    craft(filled, mode=mode, value=pickle.dumps(Bomb(tmp_path / "armed")))
    assert read(filled) is None
    assert not (tmp_path / "armed").exists()


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
@pytest.mark.parametrize("place", ["inside", "outside", "absolute"])
def test_a_row_that_names_a_file_is_a_miss_and_the_file_is_left_alone(filled, tmp_path, mode, place):
    victim = (filled if place == "inside" else tmp_path) / "victim"
    victim.write_bytes(pickle.dumps(Bomb(tmp_path / "armed")))
    craft(filled, mode=mode, filename={"inside": "victim", "outside": "../victim", "absolute": str(victim)}[place], value=None)
    assert read(filled) is None
    with Store(filled) as store:
        store.put(KEY, {"a": 2}, model="m", cost_micros=1)  # replacing a row removes its file, in the library's own disk
        store.delete(KEY)
        store.clear()
    assert victim.exists()
    assert not (tmp_path / "armed").exists()


def test_a_crafted_key_is_never_unpickled(filled, tmp_path):
    craft(filled, key=pickle.dumps(Bomb(tmp_path / "armed")), raw=0)
    with Store(filled) as store:
        assert store.get(KEY) is None
        assert store.stats()["entries"] == 1
        assert store.clear() == 1
    assert not (tmp_path / "armed").exists()


def test_the_librarys_own_disk_would_have_executed_it(filled, tmp_path):
    """The attack is real: what our Disk refuses, the default one runs."""
    craft(filled, mode=4, value=pickle.dumps(Bomb(tmp_path / "armed")))
    with diskcache.Cache(str(filled)) as plain:
        plain[KEY].close()
    assert (tmp_path / "armed").exists()


@pytest.mark.parametrize("value", [{"a"}, None, 1.5, object(), [1], True], ids=lambda value: type(value).__name__)
def test_nothing_but_bytes_text_and_whole_numbers_can_be_stored(tmp_path, value):
    from synth_sdk.cache.disk import open_cache

    with open_cache(tmp_path / "c") as cache:
        with pytest.raises(TypeError):
            cache.set("k", value)
        with pytest.raises(TypeError):
            cache.set((1, 2), b"x")
        for plain in (b"x" * 100_000, "x" * 100_000, 5):
            cache.set("k", plain)
            assert cache.get("k") == plain
    assert {path.name.partition("-")[0] for path in (tmp_path / "c").iterdir()} == {"cache.db"}  # no files beside the database


def test_the_folder_is_the_owners_alone(filled):
    assert stat.S_IMODE(filled.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["file", "garbage"])
def test_a_folder_that_cannot_be_used_is_named(tmp_path, kind):
    folder = tmp_path / "cache"
    if kind == "file":
        folder.write_text("x")
    else:
        folder.mkdir()
        (folder / "cache.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(OutputError, match="SYNTH_HOME") as caught:
        Store(folder).get(KEY)
    assert str(folder) in caught.value.message


def test_importing_the_package_loads_neither_diskcache_nor_sqlite():
    program = "import sys, synth_sdk.cache, synth_sdk.sinks; print([n for n in ('diskcache', 'sqlite3', '_sqlite3', 'pickle') if n in sys.modules])"
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env).stdout.strip()
        == "[]"
    )
