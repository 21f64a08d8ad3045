"""One file per container: how spans lie in a file. PYTEST_DONT_REWRITE"""
