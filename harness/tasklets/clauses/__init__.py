"""The clauses of the contract."""
