"""Approved values and case files: what a person reviews and commits. PYTEST_DONT_REWRITE"""
