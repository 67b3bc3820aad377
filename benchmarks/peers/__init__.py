"""The same work, by synth and by peers that also have records written by a model: bespokelabs-curator and data-designer.

`python -m benchmarks.peers --curator PYTHON --data-designer PYTHON` runs each in a process of its own, by the interpreter of
an environment where that peer is installed; neither is a dependency of ours. All ask one loopback server (`server`) for the
records of `work`; what they sent, paid and were told is counted there, their CPU seconds by the system.
"""
