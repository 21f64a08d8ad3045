"""Evaluators of other libraries: one small file for each, imported when it is named. PYTEST_DONT_REWRITE"""
