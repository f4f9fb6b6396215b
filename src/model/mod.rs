//! NTP's data as values: associations, peers, addresses, reference clocks, interfaces, restrictions, and reports about
//! them.

pub mod address;
pub mod association;
pub mod authentication;
pub mod chronyd;
pub mod daemons;
pub mod flash;
pub mod fleet;
pub mod health;
pub mod interface;
pub mod leap_list;
pub mod mode7;
pub mod mru;
pub mod ordered_list;
pub mod origin;
pub mod peer;
pub mod records;
pub mod reference_clock;
pub mod report;
pub mod restriction;
pub mod selection;
pub mod variable;

pub use address::NetworkAddress;
pub use association::Association;
pub use authentication::SourceAuthentication;
pub use flash::FlashWord;
pub use interface::Interface;
pub use origin::Origin;
pub use peer::{Milliseconds, PEER_VARIABLES, Peer, ReferenceId};
pub use reference_clock::ReferenceClock;
pub use report::Report;
pub use restriction::Restriction;
