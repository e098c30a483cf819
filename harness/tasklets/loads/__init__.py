"""What stages are measured under."""
