"""PIT4xx: nested functions, lambdas and local classes that get pickled."""
