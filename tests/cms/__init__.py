"""Sites that other programs make: what is published in them, how, and what the archive must say of it afterwards."""
