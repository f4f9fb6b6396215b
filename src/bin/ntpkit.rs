//! The process: its arguments in, its exit status out.

use ntpkit::context::Terminals;
use std::io::IsTerminal;
use std::process::ExitCode;

fn main() -> ExitCode {
    let terminals = Terminals {
        input: std::io::stdin().is_terminal(),
        output: std::io::stdout().is_terminal(),
        error: std::io::stderr().is_terminal(),
    };
    ExitCode::from(ntpkit::applet::run(std::env::args_os(), terminals))
}
