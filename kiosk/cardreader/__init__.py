"""Reading a Belgian eID and proving that what was read is genuine."""
