//! What NTP is about, as values: associations, peers, addresses, reference clocks, interfaces, restrictions.

pub mod address;
pub mod association;
pub mod flash;
pub mod interface;
pub mod ordered_list;
pub mod peer;
pub mod reference_clock;
pub mod restriction;

pub use address::NetworkAddress;
pub use association::Association;
pub use flash::FlashWord;
pub use interface::Interface;
pub use peer::{Milliseconds, PEER_VARIABLES, Peer, ReferenceId};
pub use reference_clock::ReferenceClock;
pub use restriction::Restriction;
