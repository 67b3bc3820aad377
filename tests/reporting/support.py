"""Reports to render: of real runs (transaction, conversation), of a seed's example (seed), and with every key that there is (full, failed)."""

import json
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
NAMES = ["seed", "transaction", "conversation", "full", "failed"]
HOSTILE = "</script><script>document.title='owned'</script> [a](javascript:alert(1)) | <img src=x onerror=alert(1)> `b` {{ 7*7 }}"


def sample(name, **changes):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8")) | changes


def hostile(value):
    """The same value with hostile text wherever a string stands, and hostile names beside the ordinary ones."""
    match value:
        case dict():
            return {key: hostile(one) for key, one in value.items()} | ({HOSTILE: HOSTILE} if value else {})
        case list():
            return [hostile(one) for one in value]
        case "success" | "user" | "assistant" | "system" | "tool":
            return value
        case str():
            return HOSTILE
        case _:
            return value
