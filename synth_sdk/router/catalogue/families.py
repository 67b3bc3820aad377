"""The line of models that a model's id names: a judge should be of another one than the writer."""

import re

_LINES = {
    "claude": ("claude",),
    "command": ("command", "cohere", "aya"),
    "deepseek": ("deepseek",),
    "gemini": ("gemini", "gemma", "learnlm"),
    "glm": ("glm", "chatglm", "zai"),
    "gpt": ("gpt", "chatgpt", "codex", "davinci", "o"),
    "granite": ("granite",),
    "grok": ("grok",),
    "jamba": ("jamba",),
    "kimi": ("kimi", "moonshot"),
    "llama": ("llama", "codellama"),
    "minimax": ("minimax", "abab"),
    "mistral": ("mistral", "mixtral", "ministral", "codestral", "devstral", "magistral", "pixtral"),
    "nemotron": ("nemotron",),
    "nova": ("nova",),
    "olmo": ("olmo",),
    "phi": ("phi",),
    "qwen": ("qwen", "qwq", "qvq"),
    "smollm": ("smollm",),
}
_FAMILY = {word: family for family, words in _LINES.items() for word in words}
_WORD = re.compile(r"[a-z]+")


def family_of(model: str) -> str:
    """The family of `model`, a provider's id: the first word in its last part that names one, else in the parts before; else its first word.

    "us.anthropic.claude-opus-5-5" is a claude, "deepseek-r1-distill-llama-70b" a deepseek.
    """
    *vendors, own = model.casefold().split("/")
    words = [_WORD.findall(part) for part in (own, *vendors)]
    known = (_FAMILY[word] for part in words for word in part if word in _FAMILY)
    return next(known, next((part[0] for part in words if part), ""))
