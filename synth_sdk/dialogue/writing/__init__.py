"""Conversations that models write: the outline, the prompt, and what is cleaned away from the reply."""
