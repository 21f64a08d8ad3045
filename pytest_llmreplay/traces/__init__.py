"""Files to traces: containers, attribute vocabularies, selection and indexing. PYTEST_DONT_REWRITE"""
