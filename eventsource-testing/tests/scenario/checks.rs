//! A broken domain for each check: what the check catches, and that only the check does.
