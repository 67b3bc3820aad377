"""Blueprints of schemas: annotations and vocabularies that a model proposes for fields whose names say too little to the engine."""
