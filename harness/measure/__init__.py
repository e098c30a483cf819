"""From a plan to figures."""
