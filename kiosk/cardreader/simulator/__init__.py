"""A Belgian eID made of software, for tests, practice and ``kiosk simulate-card``.

One applet at command level (``applet``), cards of made-up persons signed by a
test PKI of this machine (``persona``, ``pki``, ``issue``), the same cards with
faults (``faults``), and three ways to reach them: in process (``slot``), over a
local socket (``local_socket``), and through vsmartcard's reader into a real
PC/SC service (``vpcd``). Not part of a production bundle.
"""
