"""One file per wire API: HTTP request to Call, Answer to HTTP response, and back. PYTEST_DONT_REWRITE"""
