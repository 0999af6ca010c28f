"""PIT3xx: Python 2 ``__metaclass__`` attributes, which Python 3 ignores, and the helpers that came with them."""
