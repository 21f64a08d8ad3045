"""Judging what a run gave: the protocol, the evaluators that are built in, and adapters. PYTEST_DONT_REWRITE"""
