"""`python -m dispatch` runs the service."""

from dispatch.main import run

if __name__ == "__main__":
    run()
