"""Real-looking personal data in what was made: found, told, replaced."""

from synth_sdk.core.lazy import lazily

__all__ = ["DETECTORS", "Hit", "Scanner"]

__getattr__ = lazily(__name__, {"DETECTORS": "catalogue", "Scanner": "scanner", "Hit": "scanner"})
