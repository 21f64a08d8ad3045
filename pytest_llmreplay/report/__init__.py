"""What a person reads after a run. PYTEST_DONT_REWRITE"""
