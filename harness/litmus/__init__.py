"""The smallest suite: programs without a stage, with counts that are known."""
