"""The progress bar: on a terminal only."""

from tests.support.terminal import on_a_terminal


def test_a_terminal_gets_a_bar_with_records(tmp_path):
    seen = on_a_terminal("generate", "conversation", "-n", "400", "-o", "x.jsonl", folder=tmp_path)
    assert "400/400" in seen
    assert "400 conversation records" in seen
