"""Landing: the store, the ledger, the batches, and what the stages leave for each other."""
