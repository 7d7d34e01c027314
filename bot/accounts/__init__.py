"""RingCentral accounts: how people connect them, and how calls use them."""
