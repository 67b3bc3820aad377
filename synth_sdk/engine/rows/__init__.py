"""Records made one at a time: any schema, each record validated before it leaves."""
