// The price of requiring any file at all.
