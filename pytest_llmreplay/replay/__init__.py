"""Answering the application's calls from a trace. PYTEST_DONT_REWRITE"""
