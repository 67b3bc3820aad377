"""What may be configured, and how a file, the environment and arguments become settings (docs/configuration.md).

`keys.py` is the one list of what there is; `reading.py` walks a document along it, whichever shape the document has. `files.py` finds and
parses, `variables.py` fills in the environment, `template.py` writes a first file, `showing.py` tells which value comes from where.
"""
