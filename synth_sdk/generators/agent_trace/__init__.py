"""`agent_trace`: what an agent thought, called and saw (docs/agent-traces.md)."""
