"""The figures of the reliability ledger, one module each; every one is a function that returns plain numbers."""
