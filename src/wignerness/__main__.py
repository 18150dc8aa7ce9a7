"""``python -m wignerness`` is the command ``wignerness``."""

from .cli import main

if __name__ == "__main__":
    main()
