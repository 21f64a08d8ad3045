"""``python -m pytest_llmreplay.cli``. PYTEST_DONT_REWRITE"""

from pytest_llmreplay.cli import main

main()
