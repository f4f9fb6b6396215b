//! The tables of the programs, as the console reads them, and runs for many hosts.

mod commands;
mod completion;
mod explanations;
mod many_hosts;
