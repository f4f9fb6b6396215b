//! The trace as the Perl script of 4.2.8p15 makes it: `ntpq` queries each host in turn.

use super::args::NtptraceArgs;
use crate::app::scripts::{canonical_name, read_variables};
use crate::cli::context::Context;
use crate::compat::Quirk;
use crate::net::names::NameService;
use std::collections::BTreeSet;

/// Strata at which a trace ends: no server, a primary server, and an unsynchronised one.
const LAST: [i32; 3] = [0, 1, 16];

/// Traces, and prints a line for each host.
pub fn run(context: &mut Context, args: &NtptraceArgs) {
    let names = NameService::system(args.patience.names.limit());
    let mut host = args.host().to_owned();
    let mut seen = BTreeSet::new();
    for number in 1_i64.. {
        let Some(info) = read_variables(context, "0", "", &host) else { return };
        if info.text("stratum").is_none() {
            return;
        }
        names.start_round();
        let shown = if args.numeric { host.clone() } else { canonical_name(&names, &host) };
        let stratum = info.integer("stratum");
        let distance = (info.number("rootdisp") + info.number("rootdelay") / 2.0) / 1000.0;
        let offset = info.number("offset") / 1000.0;
        context
            .output
            .result(format!("{shown}: stratum {stratum}, offset {offset:.6}, synch distance {distance:.6}"));
        let refid = info.text("refid").unwrap_or_default().to_vec();
        if stratum == 1 {
            context.output.result([b", refid '", refid.as_slice(), b"'"].concat());
        }
        context.output.result("\n");
        context.output.flush();
        if LAST.contains(&stratum) || is_clock(&refid) || number == args.max_hosts {
            return;
        }
        let peer = String::from_utf8_lossy(info.text("peer").unwrap_or_default()).into_owned();
        let next = read_variables(context, &peer, "srcadr", &host);
        let next = next.and_then(|next| next.text("srcadr").map(<[u8]>::to_vec)).unwrap_or_default();
        // Without a limit a loop never ends.
        let may_loop = args.max_hosts > number && context.dialect.keeps(Quirk::LOOPS_ARE_FOLLOWED);
        let is_endless = !seen.insert(next.clone()) && !may_loop;
        if next.is_empty() || is_clock(&next) || is_endless || context.output.is_closed() {
            return;
        }
        host = String::from_utf8_lossy(&next).into_owned();
    }
}

/// Whether it is the address of a reference clock.
fn is_clock(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"127.127.") else { return false };
    let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
    let parts: Vec<&[u8]> = rest.split(|octet| *octet == b'.').collect();
    let is_number = |part: &&[u8]| (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    parts.len() == 2 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::context::{Applet, Options};
    use crate::compat::Dialect;
    use clap::FromArgMatches as _;

    /// An `ntpq` for which every host follows 192.0.2.1, without an offset, and whose reply tries to run a command. A
    /// name that looks like an option must follow `--`.
    static APPLETS: &[Applet] = &[Applet {
        name: "ntpq",
        purpose: "",
        run: |context| {
            let words: Vec<&str> = context.arguments.iter().filter_map(|word| word.to_str()).collect();
            let [_, _, command, "--", _] = words.as_slice() else { return 1 };
            context.output.result(match *command {
                "rv 0 " => {
                    "associd=0 status=0615,\nstratum=3, rootdelay=2.000, rootdisp=5.000, peer=$(id),\n"
                }
                "rv $(id) srcadr" => "srcadr=-x;id\n",
                _ => "",
            });
            0
        },
        command: clap::Command::default,
        usage_status: 1,
        options: Options::First,
    }];

    fn traced(most: &str) -> (String, String) {
        let words = ["ntptrace", "-n", "-m", most, "192.0.2.9"];
        let matches = crate::app::ntptrace::command().try_get_matches_from(words).unwrap();
        let args = NtptraceArgs::from_arg_matches(&matches).unwrap();
        let mut context =
            Context { applets: APPLETS, ..Context::recording("ntptrace", &[], Dialect::Classic) };
        run(&mut context, &args);
        context.output.into_texts()
    }

    #[test]
    fn the_classic_goes_round_a_loop_until_its_limit() {
        let (lines, messages) = traced("7");
        assert_eq!((lines.lines().count(), messages.as_str()), (7, ""));
        assert!(
            lines.starts_with("192.0.2.9: stratum 3, offset 0.000000, synch distance 0.006000\n"),
            "{lines}"
        );
        assert!(lines.ends_with("\n-x;id: stratum 3, offset 0.000000, synch distance 0.006000\n"), "{lines}");
        assert_eq!(traced("0").0.lines().count(), 2, "a loop without a limit");
    }

    #[test]
    fn clocks_have_addresses_of_their_own() {
        for text in ["127.127.1.0", "127.127.28.255"] {
            assert!(is_clock(text.as_bytes()), "{text}");
        }
        for text in
            ["127.0.0.1", "127.127.1", "127.127.1.0.1", "127.127.1.1000", "127.127..1", "LOCAL(0)", ""]
        {
            assert!(!is_clock(text.as_bytes()), "{text}");
        }
    }
}
