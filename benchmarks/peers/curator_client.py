"""bespokelabs-curator at the work, run by the interpreter of an environment that has it.

Settings from its documentation (docs.bespokelabs.ai/curator: online processing, caching, API reference): the concurrency is set
and the rate limits are lifted (its default is 200 requests a minute), `max_retries` stays at 10, the cache is on. The backend
`openai` is the documented one for a server of one's own; `litellm` is its other one for chat completions, and the one that
pauses on a 429, for whole seconds that are set beforehand. `require_all_responses` is off, so that what came is delivered.

Usage: python -m benchmarks.peers.curator_client BACKEND URL COUNT CONCURRENCY OUTPUT
"""

import sys

from bespokelabs import curator

from benchmarks.peers.work import MODEL, PROMPT, Visitor


class Writer(curator.LLM):
    """One visitor for each row."""

    response_format = Visitor

    def prompt(self, input: dict[str, int]) -> str:
        return PROMPT.format(number=input["number"])

    def parse(self, input: dict[str, int], response: Visitor) -> dict[str, object]:
        return response.model_dump()


def main(backend: str, url: str, count: str, concurrency: str, output: str) -> None:
    limits = {
        "base_url": url,
        "max_concurrent_requests": int(concurrency),
        "max_requests_per_minute": 1_000_000,
        "max_tokens_per_minute": 1_000_000_000,
        "seconds_to_pause_on_rate_limit": 1,
        "require_all_responses": False,
    }
    name = MODEL if backend == "openai" else f"openai/{MODEL}"
    writer = Writer(model_name=name, backend=backend, backend_params=limits)
    writer([{"number": number} for number in range(int(count))]).dataset.to_json(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
