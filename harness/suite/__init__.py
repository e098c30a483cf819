"""What a suite is: programs, clauses, probes, loads, and the API that a stage has to provide. No suite is known here."""
