"""RingCentral accounts: whose there are, how people connect and disconnect them."""
