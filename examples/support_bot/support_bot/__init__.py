"""A small shop's support bot: retrieval over policies, one tool, one streamed chat."""
