"""Serve SmolLM2-135M-Instruct on loopback as an OpenAI-compatible API; print the base URL when it is ready; stop when stdin closes.

Run by run.py in a virtual environment of its own that has `xllamacpp`. Usage: python serve.py WEIGHTS.gguf
"""

import os
import sys

import xllamacpp


def main(weights: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = 1
    params.n_ctx = 8192
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        1  # threads wait for each other: two are slower on a busy machine
    )
    params.sampling.temp = 0.6
    params.sampling.penalty_repeat = 1.15  # so small a model repeats itself to the end otherwise
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    os._exit(0)  # the server's own threads would keep the process alive


if __name__ == "__main__":
    main(sys.argv[1])
