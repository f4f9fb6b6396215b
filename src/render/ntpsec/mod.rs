//! The layouts of NTPsec's `ntpq`, where its users look for other columns than those of the classic.
//!
//! All here is pure, and text from the network leaves as printable ASCII, as in [`super::classic`].

pub mod mrulist;
pub mod peers;
