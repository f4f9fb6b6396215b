//! The tables of the programs, as the console reads them.

mod commands;
mod completion;
mod explanations;
