"""A service made to be ill-treated: it obeys what a message tells it to do, and writes down what took effect."""
