"""Faults on demand: what a provider may do wrong, for the tests of relying parties."""
