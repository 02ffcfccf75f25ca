"""What ``chatctl decode`` does once its options are read."""
