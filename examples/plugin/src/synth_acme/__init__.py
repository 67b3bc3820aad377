"""One part of each kind for synth. Nothing is imported here: a part is loaded when it is asked for by name."""
