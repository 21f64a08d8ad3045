"""Secrets are taken out before anything is written or printed, and looked for afterwards. PYTEST_DONT_REWRITE"""
