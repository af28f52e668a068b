"""What the kiosk is about, as pure values: no Qt, no I/O, no clock, no logging."""
