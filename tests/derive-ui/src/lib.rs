//! Holds tests only: what the derives say about wrong code, and what right code they accept.
