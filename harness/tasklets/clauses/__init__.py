"""The clauses of the contract: a module each, with the clause's sentence and its programs, and a few modules that several of them share."""
