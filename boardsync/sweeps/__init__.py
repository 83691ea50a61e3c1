"""Reconciliations, as an operator starts and reads them."""
