"""Does a pack make sense? What the compiler can't refuse but a reader of its records would notice."""
