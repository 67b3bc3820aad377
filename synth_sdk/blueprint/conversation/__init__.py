"""Blueprints of conversations: a pack with further wordings, turn by turn, in a model's words."""
