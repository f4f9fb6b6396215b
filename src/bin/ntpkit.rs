//! The process: its arguments in, its exit status out.

use ntpkit::cli::context::Terminals;
use std::io::IsTerminal;
use std::process::ExitCode;
use terminal_size::{Width, terminal_size_of};

fn main() -> ExitCode {
    let terminals = Terminals {
        input: std::io::stdin().is_terminal(),
        output: std::io::stdout().is_terminal(),
        error: std::io::stderr().is_terminal(),
        columns: terminal_size_of(std::io::stdout()).map(|(Width(columns), _)| columns),
        error_columns: terminal_size_of(std::io::stderr()).map(|(Width(columns), _)| columns),
    };
    ExitCode::from(ntpkit::app::applet::run(std::env::args_os(), terminals))
}
