//! Sorting, channels and tables with little machine code.
//!
//! The standard library's are compiled again for each type of their items: six kilobytes for every sort, seven for every
//! channel, seven for every map from which something is removed. Here the part that does the work knows no type, and exists once.

pub mod channel;
mod sort;
mod table;

pub use channel::{Receiver, Sender, channel};
pub use sort::{sort, sort_by, sort_by_key};
pub use table::Table;
