"""``python -m pytest_llmreplay.cli``. PYTEST_DONT_REWRITE"""

from pytest_llmreplay.cli import main

if __name__ == "__main__":
    main()
