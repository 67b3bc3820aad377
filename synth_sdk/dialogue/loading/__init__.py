"""From YAML to a Pack: read safely, merged, compiled; every flaw with file, line and rule."""
