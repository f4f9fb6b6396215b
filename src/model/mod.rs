//! What NTP is about, as values: associations, peers, addresses, reference clocks.

pub mod address;
pub mod association;
pub mod flash;
pub mod mru;
pub mod peer;
pub mod reference_clock;

pub use address::NetworkAddress;
pub use association::Association;
pub use flash::FlashWord;
pub use peer::{Milliseconds, PEER_VARIABLES, Peer, ReferenceId};
pub use reference_clock::ReferenceClock;
