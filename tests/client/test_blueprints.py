"""Blueprints on disk, and bought over real sockets: found again, edited, refused, never half written."""

import json
import re
from datetime import date

import pytest

from synth_sdk.blueprint import author_for
from synth_sdk.client.blueprints import is_there, place_for, provide
from synth_sdk.client.settings import read_settings
from synth_sdk.core.errors import NoRoute, OutputError, RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.dialogue.overview import new_pack
from tests.blueprint import test_schema
from tests.blueprint.scripted import ScriptedModel, writer

TODAY = date(2025, 2, 3)


@pytest.fixture
def settings(tmp_path):
    return read_settings({"SYNTH_HOME": str(tmp_path / "home")}, folder=tmp_path)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return new_pack("workshop", str(tmp_path_factory.mktemp("packs") / "workshop.yaml"))


@pytest.fixture
def author(pack):
    return author_for(make_spec(kind="conversation", pack=pack))


@pytest.fixture
def schema_author():
    return author_for(make_spec(kind="json", document=test_schema.INCIDENT))


async def test_what_was_bought_is_found_again(author, settings):
    path = place_for(author, settings)
    assert re.fullmatch(r"conversation-workshop-[0-9a-f]{12}", path.name)
    assert path.parent == settings.home / "blueprints"
    assert not is_there(author, path)
    model = writer()
    first = await provide(author, model, path, TODAY)
    assert first.bought.written == len(model.asked)
    assert {file.name for file in path.iterdir()} == {"pack.yaml", "original.yaml", "wordings.yaml"}
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # nothing half written is left about
    again = await provide(author, model, path, date(2025, 3, 4))
    assert again.bought is None
    assert len(model.asked) == first.bought.parts
    assert (path / ".reviewed").exists()  # not judged again as long as nothing changes
    head = (path / "wordings.yaml").read_text().splitlines()[0]
    assert head.startswith("# Blueprint: ")
    assert "Written by scripted on 2025-02-03. It is yours" in head


async def test_a_place_of_ones_own_and_an_edited_file(author, settings, tmp_path):
    path = place_for(author, settings, tmp_path / "mine")
    await provide(author, writer(), path, TODAY)
    file = path / "wordings.yaml"
    file.write_text(file.read_text().replace("thanks:", "thanks:\n  - Much obliged to you.", 1))
    assert is_there(author, path)
    assert is_there(author, path / "pack.yaml")  # the main file is a name too
    file.write_text(file.read_text() + "  greeting: [Hi]\n")
    with pytest.raises(
        RequestError, match=r"can't be used: .*wordings.yaml:\d+: error: say.greeting is not a declared act.*mend it"
    ):
        is_there(author, path)


async def test_a_schema_may_be_one_file(schema_author, settings, tmp_path):
    path = tmp_path / "incident.json"
    provided = await provide(schema_author, ScriptedModel(test_schema.answer), path, TODAY)
    assert json.loads(path.read_text())["$comment"].startswith("Blueprint: what ")
    assert provided.path == path
    assert is_there(schema_author, path)
    path.write_text('{"type": "array"}')
    with pytest.raises(RequestError, match="records break the schema"):
        is_there(schema_author, path)


async def test_a_comment_of_the_schema_is_kept(tmp_path):
    author = author_for(make_spec(kind="json", document={"$comment": "ours", **test_schema.INCIDENT}))
    await provide(author, ScriptedModel(test_schema.answer), tmp_path / "s.json", TODAY)
    comment = json.loads((tmp_path / "s.json").read_text())["$comment"]
    assert comment.startswith("Blueprint: ")
    assert comment.endswith("ours")


async def test_what_stands_in_the_way_is_told_before_anything_is_bought(author, tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "todo.txt").write_text("milk")
    model = writer()
    with pytest.raises(OutputError, match=r"is a folder without pack.yaml"):
        await provide(author, model, folder, TODAY)
    assert not model.asked
    assert (folder / "todo.txt").read_text() == "milk"


async def test_a_pack_needs_a_folder(author, tmp_path):
    with pytest.raises(OutputError, match="it is several files, so name a folder"):
        is_there(author, tmp_path / "pack.yaml")


async def test_an_empty_folder_is_filled(author, tmp_path):
    (tmp_path / "empty").mkdir()
    await provide(author, writer(), tmp_path / "empty", TODAY)
    assert is_there(author, tmp_path / "empty")


async def test_a_place_that_cannot_be_written_is_told(author, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        await provide(author, writer(), tmp_path / "file" / "deep", TODAY)


async def test_nothing_is_left_when_nothing_was_written(author, settings):
    path = place_for(author, settings)
    with pytest.raises(NoRoute):
        await provide(author, ScriptedModel(lambda request, attempt: {"frames": []}), path, TODAY)
    assert not path.parent.exists()


async def test_whoever_is_first_keeps_the_place(schema_author, settings):
    path = place_for(schema_author, settings)
    first = ScriptedModel(test_schema.answer)

    class Slow:
        """While it writes, another process finishes."""

        async def complete(self, request):
            if not first.asked:
                await provide(schema_author, first, path, TODAY)
            return await ScriptedModel(test_schema.answer).complete(request)

    provided = await provide(schema_author, Slow(), path, date(2025, 12, 24))
    assert provided.path == path
    assert "on 2025-02-03" in (path / "schema.json").read_text()
