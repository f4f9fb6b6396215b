//! What 4.2.8p15 prints, recorded; and what the other dialect prints instead.
