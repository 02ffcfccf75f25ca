"""Records understood: packets and faults as items, paired and counted."""
