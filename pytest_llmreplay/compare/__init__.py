"""How two calls differ, and where a run first left its trace. PYTEST_DONT_REWRITE"""
