"""A terminal chat whose wire you can see.

The floors, top to bottom; a module imports only from floors below its own:

    6  cli                  parse and delegate; exit statuses; the only place that prints and exits
    5  node        tui      a server process, composed; the fronts of ``connect`` and ``replay``
    4  transport   view     sockets; packets into text, through the one escape door
    3  capture     log      files of records; the room log's port and its adapters; lookalikes
    2  session              what packets mean: the server's mind and the client's. Pure
    1  wire                 bytes and packets. Pure
    0  errors               every error as a tree, and the codes that answer a peer; suggesting
"""

__version__ = "0.1.0"
