"""What packets mean: the server's mind (hub) and the client's (client). Pure: no IO, no clock."""
