"""Frozen values that every other part speaks in: no I/O, no third-party import. PYTEST_DONT_REWRITE"""
