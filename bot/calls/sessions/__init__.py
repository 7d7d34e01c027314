"""RingCentral's telephony sessions, and what pushed events say of them: values, no I/O."""
