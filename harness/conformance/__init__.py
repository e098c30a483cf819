"""The clauses of the contract, as programs over the machine."""
