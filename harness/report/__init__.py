"""Tables, JSON and JUnit."""
