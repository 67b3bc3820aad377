"""The packs that come with the package, one folder each; `shared` holds wording banks that any pack may include."""
