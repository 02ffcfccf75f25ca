"""The client's mind: what it says, what it hears, what a front is told of it. Pure."""
