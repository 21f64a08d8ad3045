"""One file per attribute vocabulary: what a span's attributes mean. PYTEST_DONT_REWRITE"""
