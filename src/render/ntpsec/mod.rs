//! The layouts of NTPsec's `ntpq`, where its users expect other columns than the classic ones.
//!
//! Everything here is pure, and text from the network leaves as printable ASCII, as in [`super::classic`].

pub mod mrulist;
pub mod peers;
